import { describe, expect, it } from 'vitest';
import { functionsOf, synthesized, theOnly } from './synthesized.ts';

const { template } = await synthesized();

const config = theOnly(template, 'AWS::CloudFront::Distribution').Properties.DistributionConfig;
const bucket = theOnly(template, 'AWS::S3::Bucket', 'Site');

/** The headers policy of a behavior. */
function headersOf(behavior: { ResponseHeadersPolicyId: { Ref: string } }) {
  const policy = template.Resources[behavior.ResponseHeadersPolicyId.Ref];
  return policy?.Properties.ResponseHeadersPolicyConfig;
}

/** Text of an intrinsic join; what CloudFormation fills in is left out. */
function textOf(value: string | { 'Fn::Join': [string, unknown[]] }): string {
  if (typeof value === 'string') return value;
  return value['Fn::Join'][1].filter((part) => typeof part === 'string').join('');
}

describe('the web site', () => {
  it('is in a private bucket that only its distribution reads', () => {
    expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const policy = theOnly(template, 'AWS::S3::BucketPolicy', 'Site');
    const statements = policy.Properties.PolicyDocument.Statement;
    const allowed = statements.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    expect(allowed).toMatchObject([
      {
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { StringEquals: { 'AWS:SourceArn': expect.anything() } },
      },
    ]);
  });

  it('leads the API under the same address to the API, uncached, with all that it needs', () => {
    type Behavior = { PathPattern: string; AllowedMethods: string[] };
    const behaviors: Behavior[] = config.CacheBehaviors;
    expect(behaviors.map(({ PathPattern }) => PathPattern)).toEqual(['/api/*', '/docs/api']);
    for (const behavior of behaviors) {
      expect(behavior).toMatchObject({
        // AWS's own policies: CachingDisabled and AllViewerExceptHostHeader.
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
        ViewerProtocolPolicy: 'https-only',
      });
      expect(behavior.AllowedMethods).toContain('DELETE');
    }
  });

  it("runs nothing but its own files, in nobody else's frame, over TLS only", () => {
    const { SecurityHeadersConfig, CustomHeadersConfig } = headersOf(config.DefaultCacheBehavior);
    const policy = textOf(SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).not.toMatch(/unsafe|\*|http:/);
    expect(SecurityHeadersConfig).toMatchObject({
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY' },
      ReferrerPolicy: { ReferrerPolicy: 'no-referrer' },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000 },
    });
    expect(CustomHeadersConfig.Items[0].Value).toContain('camera=()');
    expect(config.DefaultCacheBehavior.ViewerProtocolPolicy).toBe('redirect-to-https');
  });

  it("does not put pages in the place of the API's errors", () => {
    expect(config).not.toHaveProperty('CustomErrorResponses');
  });

  it('is published by a function that may write files and do nothing else, whenever it changes', () => {
    const trigger = theOnly(template, 'Custom::Trigger', 'SitePublish').Properties;
    const version = template.Resources[trigger.HandlerArn.Ref]?.Properties;
    expect(version.FunctionName).toEqual({ Ref: functionsOf(template).get('publish')?.id });
  });

  it('gives nothing of its own a name that another deployment in the account would want', () => {
    const named = Object.values(template.Resources)
      .filter(({ Type }) =>
        /CloudFront::(Function|CachePolicy|ResponseHeadersPolicy|OriginAccess)/.test(Type),
      )
      .map(({ Properties }) => {
        const [inner] = Object.values(Properties) as { Name?: unknown }[];
        return JSON.stringify(Properties.Name ?? inner?.Name);
      });
    expect(named.length).toBeGreaterThanOrEqual(5);
    for (const name of named) {
      expect(name).toContain('CrucibaiAgents-');
      expect(name).toContain('AWS::Region');
    }
  });

  it('costs nothing while nobody looks: no log, no web ACL, no dedicated address', () => {
    expect(config).not.toHaveProperty('Logging');
    expect(config).not.toHaveProperty('WebACLId');
    expect(JSON.stringify(config)).not.toContain('vip');
  });
});

describe('signing in', () => {
  it('comes back to the app, under the public address', () => {
    const { CallbackURLs } = theOnly(template, 'AWS::Cognito::UserPoolClient').Properties;
    expect(JSON.stringify(CallbackURLs)).toContain('/app/signed-in');
  });
});
