import { CfnCondition, CfnParameter, Fn, type Stack, Token } from 'aws-cdk-lib';
import type { DispatchEnv } from '#functions/dispatch/env';

/** What a deployment may be told without changing the template. Most are empty unless given. */
export class Parameters {
  /** Base of every link we hand out, without a trailing slash. */
  readonly publicUrl: string;
  /** The same, empty unless given. */
  readonly givenUrl: string;
  /** Environment that names another OIDC issuer than the stack's own user pool. */
  readonly oidc: { OIDC_ISSUER: string; OIDC_AUDIENCE: string; OIDC_JWKS: string };
  readonly egressAllow: string;
  /** Environment that names the deployment's own language model. */
  readonly models: {
    MODEL_ID: string;
    MODEL_PROFILE: string;
    MODEL_URL: string;
    MODEL_NAME: string;
  };
  /** Address that e-mail is sent from. */
  readonly mailFrom: string;
  /** Environment that says whom the product's own automations tell. */
  readonly operators: { OPERATOR_EMAIL: string; OPERATOR_SLACK: string };
  /** When runs of several steps enter Step Functions: `always`, or `waits-only`. */
  readonly enterStepFunctions: DispatchEnv['ENTER_STEP_FUNCTIONS'];
  /** Name of the condition that holds for `waits-only`. */
  readonly waitsOnly: string;
  /** Name of the condition that holds when the usage of runs is told. */
  readonly usageIsTold: string;
  /** How the app signs people in: empty for the user pool's page, `local` on one machine. */
  readonly signIn: string;
  /** Proves the host of `publicUrl`; empty unless given. */
  readonly certificateArn: string;
  /** Name of the condition that holds when a certificate was given. */
  readonly hasCertificate: string;

  /** @param siteUrl what `publicUrl` is when no `PublicUrl` was given. */
  constructor(stack: Stack, siteUrl: string) {
    const parameter = (name: string, description: string, allowedPattern?: string) =>
      new CfnParameter(stack, name, {
        default: '',
        description,
        ...(allowedPattern && { allowedPattern }),
      }).valueAsString;

    this.givenUrl = parameter(
      'PublicUrl',
      'Where callers reach this deployment, such as https://agents.example.com; empty: the distribution itself.',
      '^(https?://.*[^/])?$',
    );
    const noneGiven = new CfnCondition(stack, 'NoPublicUrl', {
      expression: Fn.conditionEquals(this.givenUrl, ''),
    });
    this.publicUrl = Token.asString(Fn.conditionIf(noneGiven.logicalId, siteUrl, this.givenUrl));
    this.oidc = {
      OIDC_ISSUER: parameter('OidcIssuer', 'Issuer of access tokens; empty: the user pool.'),
      OIDC_AUDIENCE: parameter('OidcAudience', 'Audience that access tokens must name.'),
      OIDC_JWKS: parameter('OidcJwks', 'The JWKS document; empty: fetched from the issuer.'),
    };
    this.signIn = parameter(
      'SignIn',
      "How the app signs people in: empty, by the user pool's page; local, on one machine only.",
      '^(local)?$',
    );
    this.certificateArn = parameter(
      'CertificateArn',
      "ACM certificate for PublicUrl's host, in the region that CloudFront reads; empty: CloudFront's own.",
      '^(arn:aws[a-z-]*:acm:.*)?$',
    );
    this.hasCertificate = new CfnCondition(stack, 'HasCertificate', {
      expression: Fn.conditionNot(Fn.conditionEquals(this.certificateArn, '')),
    }).logicalId;
    this.egressAllow = parameter(
      'EgressAllow',
      'Private hosts or CIDRs that outgoing actions may reach all the same.',
    );
    this.models = {
      MODEL_ID: parameter(
        'ModelId',
        'Model of Amazon Bedrock that built-in agents ask, such as amazon.nova-lite-v1:0; empty: none.',
        '^([a-z0-9.:-]+)?$',
      ),
      MODEL_PROFILE: parameter(
        'ModelProfile',
        'Inference profile through which ModelId is asked, such as us.amazon.nova-lite-v1:0; empty: directly.',
        '^([a-z0-9.:-]+)?$',
      ),
      MODEL_URL: parameter(
        'ModelUrl',
        'Base URL of an OpenAI-compatible endpoint that built-in agents ask, such as http://10.0.0.5:11434/v1; empty: none.',
        '^(https?://.*)?$',
      ),
      MODEL_NAME: parameter('ModelName', 'Name of the model at ModelUrl.'),
    };
    this.operators = {
      OPERATOR_EMAIL: parameter(
        'OperatorEmail',
        "Who gets the product's own digest and error report; empty: nobody.",
        '^([^@ ]+@[^@ ]+)?$',
      ),
      OPERATOR_SLACK: parameter(
        'OperatorSlack',
        'Incoming webhook of Slack that is told when the deployment is not healthy; empty: none.',
        '^(https?://.*)?$',
      ),
    };
    const entering = new CfnParameter(stack, 'EnterStepFunctions', {
      default: 'always',
      allowedValues: ['always', 'waits-only'],
      description:
        'When runs of several steps enter Step Functions: always with their first step, or waits-only, which costs less.',
    }).valueAsString;
    this.enterStepFunctions = entering as DispatchEnv['ENTER_STEP_FUNCTIONS'];
    this.waitsOnly = new CfnCondition(stack, 'WaitsOnly', {
      expression: Fn.conditionEquals(entering, 'waits-only'),
    }).logicalId;
    const usage = new CfnParameter(stack, 'UsageEvents', {
      default: 'off',
      allowedValues: ['off', 'on'],
      description:
        'Whether an event on the usage bus tells of each run that is over, for metering and billing.',
    }).valueAsString;
    this.usageIsTold = new CfnCondition(stack, 'UsageIsTold', {
      expression: Fn.conditionEquals(usage, 'on'),
    }).logicalId;
    this.mailFrom = parameter(
      'MailFrom',
      'Address that e-mail is sent from, verified in Amazon SES; empty: no e-mail.',
      '^([^@ ]+@[^@ ]+)?$',
    );
  }
}
