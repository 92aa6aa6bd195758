import type { Deployment, Resource } from '#local/types';

const PLACE = { accountId: '000000000000', region: 'us-east-1' };

/** A deployment of resources without references: enough for what reads only properties. */
export function deploymentOf(resources: Record<string, Resource>): Deployment {
  return {
    ...PLACE,
    assembly: {
      stackName: 'Sample',
      template: { Resources: resources },
      assetPath: (key) => `/assets/${key}`,
    },
    parameters: {},
    resolve: (value) => value,
    physical: (id) => id.toLowerCase(),
    attribute: (id) => `arn:aws:lambda:us-east-1:000000000000:function:${id.toLowerCase()}`,
    resourcesOf: (type) => Object.entries(resources).filter(([, { Type }]) => Type === type),
  };
}

/** An HTTP API whose routes go to functions: `{"GET /a": "one"}`. */
export function httpApiResources(
  routes: Record<string, { function: string; public?: boolean; permitted?: boolean }>,
): Record<string, Resource> {
  const resources: Record<string, Resource> = {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
  };
  for (const [index, [routeKey, target]] of Object.entries(routes).entries()) {
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${target.function}`;
    resources[`Integration${index}`] = {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: arn,
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 1_000,
      },
    };
    resources[`Route${index}`] = {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { RouteKey: routeKey, Target: `integrations/integration${index}` },
      ...(target.public && { Metadata: { 'crucibai:public-door': true } }),
    };
    if (target.permitted === false) continue;
    resources[`Permission${index}`] = {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arn,
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:us-east-1:000000000000:api/*/*${routeKey.split(' ')[1] ?? ''}`,
      },
    };
  }
  return resources;
}
