import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPages } from '#local/distribution/pages';
import { readDistribution } from '#local/distribution/read';
import { type Gateway, listen } from '#local/gateway/gateway';
import { createGuards } from '#local/gateway/guards';
import { readHttpApi } from '#local/gateway/routes';
import { provisionBucket } from '#local/provision/bucket';
import type { PrivateServer } from '#local/services/private-server';
import { startS3 } from '#local/services/s3';
import type { Resource } from '#local/types';
import { temporaryDirectory } from '#test/helpers/directories';
import { deployed } from '../local/small-stack.ts';
import { send } from './http.ts';
import { deploymentOf, httpApiResources } from './template.ts';

const REWRITE = `
function handler(event) {
  var request = event.request;
  if (request.uri === '/') request.uri = '/index.html';
  if (request.uri === '/gone') return { statusCode: 410, headers: { 'x-why': { value: 'moved' } }, body: 'gone' };
  if (request.uri === '/who') return { statusCode: 200, headers: {}, body: typeof process + request.querystring.a.value };
  return request;
}`;

const arn = (type: string) => `arn:aws:cloudfront::000000000000:${type}`;

function resources(change: Record<string, unknown> = {}, policy = true): Record<string, Resource> {
  return {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} },
    Files: { Type: 'AWS::S3::Bucket', Properties: {} },
    Rewrite: {
      Type: 'AWS::CloudFront::Function',
      Properties: { Name: 'rewrite', FunctionCode: REWRITE },
    },
    Headers: {
      Type: 'AWS::CloudFront::ResponseHeadersPolicy',
      Properties: {
        ResponseHeadersPolicyConfig: {
          Name: 'headers',
          SecurityHeadersConfig: {
            ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'", Override: true },
          },
          CustomHeadersConfig: { Items: [{ Header: 'X-Own', Value: 'yes', Override: false }] },
        },
      },
    },
    ...(policy && {
      Policy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: { Ref: 'Files' },
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: 's3:GetObject',
                Principal: { Service: 'cloudfront.amazonaws.com' },
                Condition: { StringEquals: { 'AWS:SourceArn': arn('distribution/Site') } },
              },
            ],
          },
        },
      },
    }),
    Site: {
      Type: 'AWS::CloudFront::Distribution',
      Metadata: { 'crucibai:public-doors': ['/open/*'] },
      Properties: {
        DistributionConfig: {
          Enabled: true,
          Origins: [
            {
              Id: 'files',
              DomainName: { 'Fn::GetAtt': ['Files', 'RegionalDomainName'] },
              S3OriginConfig: {},
            },
            { Id: 'api', DomainName: 'localhost:3000' },
          ],
          DefaultCacheBehavior: {
            TargetOriginId: 'files',
            Compress: true,
            ResponseHeadersPolicyId: { Ref: 'Headers' },
            FunctionAssociations: [
              {
                EventType: 'viewer-request',
                FunctionARN: { 'Fn::GetAtt': ['Rewrite', 'FunctionARN'] },
              },
            ],
          },
          CacheBehaviors: [
            {
              PathPattern: '/api/*',
              TargetOriginId: 'api',
              AllowedMethods: ['GET', 'HEAD', 'POST'],
              ResponseHeadersPolicyId: { Ref: 'Headers' },
            },
          ],
          ...change,
        },
      },
    },
  };
}

let gateway: Gateway;
let s3: PrivateServer;
let directory: string;

beforeEach(async () => {
  directory = temporaryDirectory();
  s3 = await startS3({ dataDir: directory });
  gateway = await listen(0);
});
afterEach(async () => {
  await gateway.close();
  await s3.close();
});

async function open(template = resources()): Promise<void> {
  const deployment = deployed({ Resources: template });
  const distribution = readDistribution(deployment);
  const bucket = deployment.physical('Files');
  await provisionBucket(s3.endpoint, bucket);
  const put = (key: string, body: string, headers: Record<string, string>) =>
    fetch(`${s3.endpoint}/${bucket}/${key}`, { method: 'PUT', body, headers });
  const html = { 'content-type': 'text/html', 'cache-control': 'no-cache' };
  await put('index.html', 'a page'.repeat(300), html);
  await put('open/small.html', 'small', html);
  gateway.open({
    api: readHttpApi(deploymentOf(httpApiResources({ 'ANY /api/{proxy+}': { function: 'api' } }))),
    pages: distribution && openPages(distribution, s3.endpoint),
    accountId: '000000000000',
    guards: createGuards(gateway.port, 'https://hooks.example'),
    doors: [],
    invoke: async () => ({
      status: 'succeeded',
      payload: JSON.stringify({ statusCode: 404, headers: { 'x-own': 'api' }, body: 'none' }),
    }),
  });
}

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  send(gateway.port, { path, headers, method });

describe('a page', () => {
  it("comes from the bucket, where the function leads, with the policy's headers", async () => {
    await open();

    expect(await get('/')).toMatchObject({
      status: 200,
      text: 'a page'.repeat(300),
      headers: {
        'content-type': 'text/html',
        'cache-control': 'no-cache',
        'content-security-policy': "default-src 'none'",
        'x-own': 'yes',
      },
    });
  });

  it('is compressed for who understands it, unless it is small', async () => {
    await open();

    const large = await get('/', { 'accept-encoding': 'gzip, br' });
    const small = await get('/open/small.html', { 'accept-encoding': 'gzip' });

    expect(large.headers['content-encoding']).toBe('br');
    expect(Number(large.headers['content-length'])).toBeLessThan(200);
    expect(small.headers).not.toHaveProperty('content-encoding');
  });

  it('is not sent again to who has it', async () => {
    await open();
    const { headers } = await get('/', { 'accept-encoding': 'br' });

    const again = await get('/', { 'if-none-match': String(headers['etag']) });

    expect(again).toMatchObject({ status: 304, text: '' });
  });

  it("may be the function's own answer; it sees the query, and nothing of this process", async () => {
    await open();

    expect(await get('/gone')).toMatchObject({
      status: 410,
      text: 'gone',
      headers: { 'x-why': 'moved' },
    });
    expect((await get('/who?a=1')).text).toBe('undefined1');
  });

  it('that is not there is denied, as S3 answers who may not list', async () => {
    await open();

    expect((await get('/missing.html')).status).toBe(403);
  });

  it('is denied when the bucket does not let the distribution read', async () => {
    await open(resources({}, false));

    expect((await get('/')).status).toBe(403);
  });

  it('is only read', async () => {
    await open();

    expect((await get('/', {}, 'POST')).status).toBe(403);
  });

  it('opens from a link on another site, and under the public host only at its doors', async () => {
    await open();

    const statuses = [
      await get('/', { 'sec-fetch-site': 'cross-site' }),
      await get('/', { host: 'hooks.example' }),
      await get('/open/small.html', { host: 'hooks.example' }),
      await get('/', { host: 'evil.example' }),
    ].map(({ status }) => status);

    expect(statuses).toEqual([200, 404, 200, 421]);
  });
});

it('the API keeps its own errors and headers, and gets what the policy adds', async () => {
  await open();

  expect(await get('/api/x')).toMatchObject({
    status: 404,
    text: 'none',
    headers: { 'x-own': 'api', 'content-security-policy': "default-src 'none'" },
  });
});

describe('a distribution that this machine cannot serve is refused because of', () => {
  const cases: [string, Record<string, unknown>, RegExp][] = [
    ['error pages', { CustomErrorResponses: [] }, /CustomErrorResponses is not understood/],
    ['a web ACL', { WebACLId: 'x' }, /WebACLId is not understood/],
    [
      'another origin',
      { Origins: [{ Id: 'files', DomainName: 'example.com' }] },
      /example\.com is no bucket or API/,
    ],
    [
      'a function elsewhere',
      {
        DefaultCacheBehavior: {
          TargetOriginId: 'files',
          FunctionAssociations: [
            {
              EventType: 'viewer-response',
              FunctionARN: { 'Fn::GetAtt': ['Rewrite', 'FunctionARN'] },
            },
          ],
        },
      },
      /at viewer-request/,
    ],
    [
      'a setting of a behavior',
      { DefaultCacheBehavior: { TargetOriginId: 'files', TrustedKeyGroups: [] } },
      /TrustedKeyGroups is not understood/,
    ],
  ];

  it.each(cases)('%s', (_, change, message) => {
    const deployment = deployed({ Resources: resources(change) });

    expect(() => readDistribution(deployment)).toThrow(message);
  });
});
