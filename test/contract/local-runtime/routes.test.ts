import { describe, expect, it } from 'vitest';
import { matchRoute, readHttpApi } from '#local/gateway/routes';
import { deploymentOf, httpApiResources } from './template.ts';

function apiOf(...routeKeys: string[]) {
  const routes = Object.fromEntries(routeKeys.map((key) => [key, { function: 'sample' }]));
  return readHttpApi(deploymentOf(httpApiResources(routes)));
}

describe('the choice of a route', () => {
  // The example of API Gateway's developer guide, "Create routes for HTTP APIs".
  const { routes } = apiOf(
    '$default',
    'ANY /{proxy+}',
    'GET /pets/{proxy+}',
    'GET /pets/dog/{id}',
    'GET /pets/dog/1',
  );

  it.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
    ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
    ['POST', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
    ['POST', '/pets/dog/1', 'ANY /{proxy+}', { proxy: 'pets/dog/1' }],
    ['GET', '/pets/dog/2/3', 'GET /pets/{proxy+}', { proxy: 'dog/2/3' }],
    ['GET', '/', '$default', {}],
  ])('takes %s %s to %s', (method, path, routeKey, pathParameters) => {
    const match = matchRoute(routes, method, path);

    expect(match?.route.routeKey).toBe(routeKey);
    expect(match?.pathParameters).toEqual(pathParameters);
  });

  it('prefers a method to ANY, and a literal segment to a parameter', () => {
    const api = apiOf('ANY /a/b', 'GET /a/b', 'GET /{x}/b', 'GET /a/{y}');

    expect(matchRoute(api.routes, 'GET', '/a/b')?.route.routeKey).toBe('GET /a/b');
    expect(matchRoute(api.routes, 'PUT', '/a/b')?.route.routeKey).toBe('ANY /a/b');
    expect(matchRoute(api.routes, 'GET', '/a/c')?.route.routeKey).toBe('GET /a/{y}');
    expect(matchRoute(api.routes, 'GET', '/c/b')?.route.routeKey).toBe('GET /{x}/b');
  });

  it.each([
    ['GET', '/api'],
    ['GET', '/api/'],
    ['GET', '/apix/y'],
    ['GET', '/'],
    ['POST', '/api/fixed/'],
  ])('finds nothing for %s %s', (method, path) => {
    expect(matchRoute(apiOf('GET /api/{proxy+}', 'POST /api/fixed').routes, method, path)).toBe(
      undefined,
    );
  });
});

describe('a template that this gateway cannot serve', () => {
  const route = httpApiResources({ 'GET /a': { function: 'sample' } });

  it.each([
    ['two APIs', { ...route, Other: { Type: 'AWS::ApiGatewayV2::Api' } }, /exactly one HTTP API/],
    [
      'an authorizer',
      {
        ...route,
        Route0: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: { RouteKey: 'GET /a', AuthorizationType: 'JWT' },
        },
      },
      /Route0: authorizers/,
    ],
    [
      'an integration that is no function',
      {
        ...route,
        Integration0: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: { IntegrationType: 'HTTP_PROXY', IntegrationUri: 'https://example.com' },
        },
      },
      /Integration0: only Lambda/,
    ],
  ])('is refused because of %s', (_, resources, message) => {
    expect(() => readHttpApi(deploymentOf(resources))).toThrow(message);
  });
});

it('knows which routes API Gateway may invoke a function for', () => {
  const resources = httpApiResources({
    'GET /a/{id}': { function: 'one' },
    'GET /b': { function: 'two', permitted: false },
  });

  const { routes } = readHttpApi(deploymentOf(resources));

  expect(routes.map(({ routeKey, isPermitted }) => [routeKey, isPermitted])).toEqual(
    expect.arrayContaining([
      ['GET /a/{id}', true],
      ['GET /b', false],
    ]),
  );
});
