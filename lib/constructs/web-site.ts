import { Duration, Fn, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AllowedMethods,
  type BehaviorOptions,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  type CfnDistribution,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stages.ts';
import type { Parameters } from './parameters.ts';
import { rewriteCode } from './site-rewrite.ts';

const YEAR = Duration.days(365);

/** Addresses that must also be reached under a tunnel's host: people decide on approvals there. */
const PUBLIC_DOORS = ['/approve', '/assets/*', '/app-config.json', '/theme.js', '/favicon.svg'];

/** What a web site is made of. */
export type WebSiteProps = {
  readonly stage: StageConfig;
  /** Answers `/api/*` and `/docs/api`. */
  readonly api: HttpApi;
  /** Folder of the built pages. */
  readonly files: string;
  /** Base of the sign-in page, which the app also asks for tokens. */
  readonly signInUrl: string;
};

/** Landing page, documents and app from a private bucket, and the API, all under one address. */
export class WebSite extends Construct {
  readonly bucket: Bucket;
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, props: WebSiteProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: props.stage.dataRemoval,
      autoDeleteObjects: props.stage.dataRemoval === RemovalPolicy.DESTROY,
    });
    const api = this.#apiBehavior(props.api);
    this.distribution = new Distribution(this, 'Distribution', {
      comment: props.stage.stackName,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: this.#pageBehavior(props),
      additionalBehaviors: { '/api/*': api, '/docs/api': api },
    });
    const resource = this.distribution.node.defaultChild as CfnDistribution;
    resource.addMetadata('crucibai:public-doors', PUBLIC_DOORS);
    acknowledge(this.distribution, this.bucket);
  }

  /** Its own address, without a slash at the end. */
  get url(): string {
    return `https://${this.distribution.distributionDomainName}`;
  }

  /**
   * Lets the site be reached under the host of `PublicUrl` too, if there is a certificate for it.
   */
  serveUnder({ givenUrl, certificateArn, hasCertificate }: Parameters): void {
    const resource = this.distribution.node.defaultChild as CfnDistribution;
    const config = 'DistributionConfig';
    const given = <Value>(value: Value) =>
      Token.asAny(Fn.conditionIf(hasCertificate, value, NO_VALUE));
    const host = Fn.select(2, Fn.split('/', givenUrl));
    resource.addPropertyOverride(`${config}.Aliases`, given([host]));
    resource.addPropertyOverride(
      `${config}.ViewerCertificate`,
      given({
        AcmCertificateArn: certificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      }),
    );
  }

  /** Has a function put the files into the bucket whenever it changes, and it changes with them. */
  publishWith(publish: LambdaFunction): void {
    const logicalId = Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnBucket);
    Validations.of(publish.role ?? publish).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/*]`,
      reason: 'It writes every file of the site and nothing else is in the bucket.',
    });
    new Trigger(this, 'Publish', { handler: publish, executeAfter: [this.bucket] });
  }

  #pageBehavior(props: WebSiteProps): BehaviorOptions {
    const rewrite = new EdgeFunction(this, 'Rewrite', {
      functionName: this.#name('Rewrite'),
      code: FunctionCode.fromInline(rewriteCode(props.files)),
      runtime: FunctionRuntime.JS_2_0,
    });
    return {
      origin: S3BucketOrigin.withOriginAccessControl(this.bucket as IBucket, {
        originAccessControl: new S3OriginAccessControl(this, 'Access', {
          originAccessControlName: this.#name('Access'),
        }),
      }),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      compress: true,
      cachePolicy: new CachePolicy(this, 'PageCache', {
        cachePolicyName: this.#name('PageCache'),
        comment: 'Files say themselves for how long they may be kept.',
        minTtl: Duration.seconds(0),
        defaultTtl: Duration.seconds(0),
        maxTtl: YEAR,
        cookieBehavior: CacheCookieBehavior.none(),
        headerBehavior: CacheHeaderBehavior.none(),
        queryStringBehavior: CacheQueryStringBehavior.none(),
        enableAcceptEncodingBrotli: true,
        enableAcceptEncodingGzip: true,
      }),
      responseHeadersPolicy: this.#pageHeaders(props.signInUrl),
      functionAssociations: [{ function: rewrite, eventType: FunctionEventType.VIEWER_REQUEST }],
    };
  }

  /** CloudFront's names are for all regions; deployments of one account must not meet. */
  #name(suffix: string): string {
    const stack = Stack.of(this);
    return `${stack.stackName}-${stack.region}-${suffix}`;
  }

  #apiBehavior(api: HttpApi) {
    return {
      origin: new HttpOrigin(Fn.select(2, Fn.split('/', api.apiEndpoint)), {
        protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      }),
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      compress: true,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: new ResponseHeadersPolicy(this, 'ApiHeaders', {
        responseHeadersPolicyName: this.#name('ApiHeaders'),
        comment: 'The function sets the rest itself.',
        securityHeadersBehavior: { strictTransportSecurity: STRICT_TRANSPORT },
      }),
    };
  }

  #pageHeaders(signInUrl: string): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'PageHeaders', {
      responseHeadersPolicyName: this.#name('PageHeaders'),
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: contentSecurityPolicy(signInUrl),
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: STRICT_TRANSPORT,
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'permissions-policy', value: PERMISSIONS, override: true },
          { header: 'cross-origin-opener-policy', value: 'same-origin', override: true },
        ],
      },
    });
  }
}

const NO_VALUE = { Ref: 'AWS::NoValue' };

const STRICT_TRANSPORT = {
  accessControlMaxAge: YEAR,
  includeSubdomains: true,
  override: true,
};

const PERMISSIONS =
  'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()';

/** Only our own files run. The app talks to the API, and to the sign-in page when it asks for tokens. */
function contentSecurityPolicy(signInUrl: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${signInUrl}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function acknowledge(distribution: Distribution, bucket: Bucket): void {
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'It holds public files only, which nobody but the distribution reads.',
  });
  Validations.of(distribution).acknowledge(
    { id: 'AwsSolutions-CFR1', reason: 'The product is offered everywhere.' },
    {
      id: 'AwsSolutions-CFR2',
      reason:
        'A web ACL costs more a month than all else that is idle; the API throttles by itself.',
    },
    {
      id: 'AwsSolutions-CFR3',
      reason: "The API keeps its own access log, without queries; CloudFront's would contain them.",
    },
    {
      id: 'AwsSolutions-CFR4',
      reason:
        "CloudFront's own certificate allows no other setting; with CertificateArn it is TLS 1.2.",
    },
  );
}
