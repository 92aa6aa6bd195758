import {
  CfnOutput,
  DefaultStackSynthesizer,
  Duration,
  type IStackSynthesizer,
  Stack,
} from 'aws-cdk-lib';
import { Trigger } from 'aws-cdk-lib/triggers';
import type { Construct } from 'constructs';
import type { ApiEnv } from '#functions/api/env';
import type { DispatchEnv } from '#functions/dispatch/env';
import type { MailEventsEnv } from '#functions/mail-events/env';
import type { PublishEnv } from '#functions/publish/env';
import type { RunStepsEnv } from '#functions/run-steps/env';
import type { SeedEnv } from '#functions/seed/env';
import type { SweepEnv } from '#functions/sweep/env';
import type { TokenClaimsEnv } from '#functions/token-claims/env';
import type { WebhookEnv } from '#functions/webhook/env';
import type { StageConfig } from '../config/stages.ts';
import { AgentSchedules } from '../constructs/agent-schedules.ts';
import { DataTable } from '../constructs/data-table.ts';
import { FrontDoor } from '../constructs/front-door.ts';
import { Observability } from '../constructs/observability.ts';
import { OutgoingMail } from '../constructs/outgoing-mail.ts';
import { OwnModel } from '../constructs/own-model.ts';
import { Parameters } from '../constructs/parameters.ts';
import { PayloadBucket } from '../constructs/payload-bucket.ts';
import { type FunctionName, statementsFor } from '../constructs/permissions.ts';
import { RunMachine } from '../constructs/run-machine.ts';
import { DISPATCH_TIMEOUT, RunQueue } from '../constructs/run-queue.ts';
import { SecretsKey } from '../constructs/secrets-key.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { siteFiles } from '../constructs/site-files.ts';
import { SweepSchedule } from '../constructs/sweep-schedule.ts';
import { UsageBus } from '../constructs/usage-bus.ts';
import { Users } from '../constructs/users.ts';
import { WebSite } from '../constructs/web-site.ts';

/** The whole product. One template for every account and for one machine: only parameters differ. */
export class AgentsStack extends Stack {
  constructor(scope: Construct, id: string, stage: StageConfig) {
    super(scope, id, {
      stackName: stage.stackName,
      description: 'CrucibAI Agents: automations on a schedule, by webhook or by hand.',
      analyticsReporting: false,
      // The rule would add a parameter; the CLI checks the bootstrap version anyway.
      synthesizer: new DefaultStackSynthesizer({
        generateBootstrapVersionRule: false,
      }) as IStackSynthesizer,
    });
    const data = new DataTable(this, 'Data', stage);
    const payloads = new PayloadBucket(this, 'Payloads', stage);
    const runs = new RunQueue(this, 'Runs');
    const machine = new RunMachine(this, 'RunMachine', stage);
    const schedules = new AgentSchedules(this, 'Schedules', runs.queue);
    const secrets = new SecretsKey(this, 'Secrets', stage);
    const door = new FrontDoor(this, 'FrontDoor', stage);
    const mail = new OutgoingMail(this, 'Mail', stage);
    const usage = new UsageBus(this, 'Usage');
    const users = new Users(this, 'Users', stage);
    const files = siteFiles();
    const site = new WebSite(this, 'Site', {
      stage,
      files,
      api: door.api,
      signInUrl: users.signInUrl,
    });
    const parameters = new Parameters(this, site.url);
    site.serveUnder(parameters);
    const app = users.addWebApp(parameters.publicUrl);

    const model = new OwnModel(this, parameters.models);

    const arns = {
      table: data.table.tableArn,
      'index:runs_by_agent': data.indexArn('runs_by_agent'),
      'index:runs_by_user': data.indexArn('runs_by_user'),
      'index:due': data.indexArn('due'),
      runQueue: runs.queue.queueArn,
      deadLetters: runs.deadLetters.queueArn,
      schedules: schedules.schedulesArn,
      scheduleRole: schedules.role.roleArn,
      secretsKey: secrets.key.keyArn,
      payloads: payloads.runObjectsArn,
      exports: payloads.exportsArn,
      mailIdentities: mail.identitiesArn,
      mailSet: mail.setArn,
      models: model.modelArn,
      modelProfiles: model.profileArn,
      site: site.bucket.arnForObjects('*'),
      stateMachine: machine.arn,
      executions: machine.executionsArn,
      usageBus: usage.arn,
    };
    const everywhere = {
      TABLE_NAME: data.table.tableName,
      QUEUE_URL: runs.queue.queueUrl,
    };
    const USAGE_BUS = usage.nameIf(parameters.usageIsTold);
    const BUCKET_NAME = payloads.bucket.bucketName;
    const SECRETS_KEY_ID = secrets.key.keyArn;
    const scheduling = {
      SCHEDULE_GROUP: schedules.groupName,
      SCHEDULE_ROLE_ARN: schedules.role.roleArn,
    };
    const acting = {
      ...everywhere,
      BUCKET_NAME,
      SECRETS_KEY_ID,
      EGRESS_ALLOW: parameters.egressAllow,
      ...parameters.models,
      MAIL_FROM: parameters.mailFrom,
      MAIL_SET: mail.setName,
      API_URL: door.api.apiEndpoint,
    };
    const shared = (name: FunctionName) => ({
      name,
      statements: statementsFor(name, arns, parameters),
      stage,
    });

    const api = new ServiceFunction<ApiEnv>(this, 'Api', {
      ...shared('api'),
      executesSteps: true,
      timeout: Duration.seconds(29),
      environment: {
        ...acting,
        ...scheduling,
        DEAD_LETTER_QUEUE_URL: runs.deadLetters.queueUrl,
        ...parameters.oidc,
        PUBLIC_URL: parameters.publicUrl,
        COGNITO_USER_POOL_ID: users.pool.userPoolId,
        COGNITO_CLIENT_ID: app.userPoolClientId,
        STATE_MACHINE_ARN: machine.arn,
      },
    });
    const webhook = new ServiceFunction<WebhookEnv>(this, 'Webhook', {
      ...shared('webhook'),
      timeout: Duration.seconds(10),
      environment: { ...everywhere, BUCKET_NAME, SECRETS_KEY_ID },
    });
    const dispatch = new ServiceFunction<DispatchEnv>(this, 'Dispatch', {
      ...shared('dispatch'),
      executesSteps: true,
      timeout: DISPATCH_TIMEOUT,
      continuesItself: true,
      environment: {
        ...acting,
        USAGE_BUS,
        DEAD_LETTER_QUEUE_URL: runs.deadLetters.queueUrl,
        STATE_MACHINE_ARN: machine.arn,
        ENTER_STEP_FUNCTIONS: parameters.enterStepFunctions,
      },
    });
    const runSteps = new ServiceFunction<RunStepsEnv>(this, 'RunSteps', {
      ...shared('run-steps'),
      executesSteps: true,
      timeout: DISPATCH_TIMEOUT,
      environment: {
        ...acting,
        USAGE_BUS,
        DEAD_LETTER_QUEUE_URL: runs.deadLetters.queueUrl,
        PUBLIC_URL: parameters.publicUrl,
      },
    });
    const sweep = new ServiceFunction<SweepEnv>(this, 'Sweep', {
      ...shared('sweep'),
      timeout: Duration.minutes(1),
      environment: {
        ...everywhere,
        USAGE_BUS: usage.name,
        ...scheduling,
        SECRETS_KEY_ID,
        EGRESS_ALLOW: parameters.egressAllow,
        MAIL_FROM: parameters.mailFrom,
        MAIL_SET: mail.setName,
        PUBLIC_URL: parameters.publicUrl,
      },
    });
    for (const user of [api, sweep]) schedules.acknowledgeGroupGrant(user);
    for (const user of [api, dispatch, runSteps, sweep]) mail.acknowledgeGrant(user);
    for (const user of [api, webhook, dispatch, runSteps]) {
      payloads.acknowledgePrefixGrant(user, 'runs');
    }
    for (const user of [api, dispatch, runSteps]) {
      payloads.acknowledgePrefixGrant(user, 'exports');
      model.acknowledgeGrant(user);
    }

    const publish = new ServiceFunction<PublishEnv>(this, 'Publish', {
      ...shared('publish'),
      timeout: Duration.minutes(1),
      folders: { site: files },
      environment: {
        SITE_BUCKET: site.bucket.bucketName,
        SIGN_IN: parameters.signIn,
        SIGN_IN_URL: users.signInUrl,
        COGNITO_CLIENT_ID: app.userPoolClientId,
      },
    });
    site.publishWith(publish.lambda);
    const seed = new ServiceFunction<SeedEnv>(this, 'Seed', {
      ...shared('seed'),
      timeout: Duration.minutes(1),
      environment: {
        TABLE_NAME: data.table.tableName,
        EGRESS_ALLOW: parameters.egressAllow,
        ...parameters.operators,
      },
    });
    new Trigger(this, 'Seeding', { handler: seed.lambda, executeAfter: [data] });

    const mailEvents = new ServiceFunction<MailEventsEnv>(this, 'MailEvents', {
      ...shared('mail-events'),
      timeout: Duration.seconds(30),
      environment: { TABLE_NAME: data.table.tableName },
    });
    mail.tell(mailEvents.lambda);

    const tokenClaims = new ServiceFunction<TokenClaimsEnv>(this, 'TokenClaims', {
      ...shared('token-claims'),
      timeout: Duration.seconds(5),
      environment: {},
    });
    users.shapeTokensWith(tokenClaims.lambda);

    door.connect({ api: api.lambda, webhook: webhook.lambda });
    runs.consumeWith(dispatch.lambda, stage);
    for (const user of [api, dispatch]) machine.acknowledgeExecutionsGrant(user);
    machine.runWith(runSteps.lambda, parameters.waitsOnly);
    new SweepSchedule(this, 'SweepSchedule', sweep.lambda);

    const { alarms } = new Observability(this, 'Observability', {
      stage,
      functions: {
        api: api.lambda,
        webhook: webhook.lambda,
        dispatch: dispatch.lambda,
        'run-steps': runSteps.lambda,
        sweep: sweep.lambda,
        'mail-events': mailEvents.lambda,
      },
      queue: runs.queue,
      deadLetters: runs.deadLetters,
      api: door.api,
    });

    const outputs = {
      SiteUrl: parameters.publicUrl,
      DistributionDomain: site.distribution.distributionDomainName,
      ApiUrl: door.api.apiEndpoint,
      UserPoolId: users.pool.userPoolId,
      UserPoolClientId: app.userPoolClientId,
      SignInUrl: users.signInUrl,
      TableName: data.table.tableName,
      RunQueueUrl: runs.queue.queueUrl,
      DeadLetterQueueUrl: runs.deadLetters.queueUrl,
      BucketName: payloads.bucket.bucketName,
      StateMachineArn: machine.arn,
      UsageBusName: usage.name,
      AlarmTopicArn: alarms.topicArn,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
