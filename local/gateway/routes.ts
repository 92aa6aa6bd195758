import type { Deployment } from '#local/types';

/** A route of the HTTP API, ready to be matched. */
export type Route = {
  /** As the template has it, such as `ANY /api/{proxy+}`; `$default` takes what nothing else takes. */
  readonly routeKey: string;
  /** `ANY` for every method. */
  readonly method: string;
  readonly segments: readonly Segment[];
  readonly functionName: string;
  readonly timeoutMs: number;
  /** False when no permission lets API Gateway invoke the function: requests get a 500, as on AWS. */
  readonly isPermitted: boolean;
  /** True when it is also reached under the public host. */
  readonly isPublicDoor: boolean;
};

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'greedy'; readonly name: string };

/** The HTTP API that the template declares. */
export type HttpApi = { readonly apiId: string; readonly routes: readonly Route[] };

/** What a request's method and path lead to. */
export type RouteMatch = {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
};

/** API Gateway's longest wait for an integration. */
const MAX_INTEGRATION_MS = 30_000;

/**
 * Reads the HTTP API from the template.
 *
 * @throws Error naming the resource when it needs something that this gateway does not do.
 */
export function readHttpApi(deployment: Deployment): HttpApi {
  const apis = deployment.resourcesOf('AWS::ApiGatewayV2::Api');
  const [first] = apis;
  if (!first || apis.length > 1) {
    throw new Error(`One machine serves exactly one HTTP API; the template has ${apis.length}.`);
  }
  const apiId = deployment.physical(first[0]);
  const integrations = readIntegrations(deployment);
  const permissions = readPermissions(deployment);
  const sourceArn = `arn:aws:execute-api:${deployment.region}:${deployment.accountId}:${apiId}`;
  const routes = deployment
    .resourcesOf('AWS::ApiGatewayV2::Route')
    .map(([logicalId, resource]): Route => {
      const properties = deployment.resolve(resource.Properties ?? {}) as RouteProperties;
      if (properties.AuthorizationType && properties.AuthorizationType !== 'NONE') {
        throw new Error(`${logicalId}: authorizers of API Gateway are not run on one machine.`);
      }
      const integrationId = properties.Target?.replace(/^integrations\//, '') ?? '';
      const integration = integrations.get(integrationId);
      if (!integration)
        throw new Error(`${logicalId}: its target is no integration of the template.`);
      const { routeKey, method, path, segments } = parseRouteKey(properties.RouteKey);
      const { functionName, timeoutMs } = integration;
      return {
        routeKey,
        method,
        segments,
        functionName,
        timeoutMs,
        isPermitted: permissions.some(
          (permission) =>
            permission.functionName === functionName &&
            permission.sourceArn.test(`${sourceArn}/$default/${method}${path}`),
        ),
        isPublicDoor: resource.Metadata?.['crucibai:public-door'] === true,
      };
    });
  return { apiId, routes: routes.toSorted(compareRoutes) };
}

/**
 * Finds the route that API Gateway would take: a full match before a greedy one, a literal segment before
 * a parameter, a method before `ANY`, and `$default` last.
 *
 * @param path decoded, without the query.
 */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): RouteMatch | undefined {
  const parts = path.split('/').slice(1);
  for (const route of routes) {
    if (route.method !== 'ANY' && route.method !== method) continue;
    if (route.routeKey === '$default') return { route, pathParameters: {} };
    const pathParameters = matchSegments(route.segments, parts);
    if (pathParameters) return { route, pathParameters };
  }
  return undefined;
}

function matchSegments(
  segments: readonly Segment[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (part === undefined || (part === '' && segment.kind !== 'literal')) return undefined;
    if (segment.kind === 'greedy') {
      values[segment.name] = parts.slice(index).join('/');
      return values;
    }
    if (segment.kind === 'parameter') values[segment.name] = part;
    else if (segment.text !== part) return undefined;
  }
  return parts.length === segments.length ? values : undefined;
}

type RouteProperties = {
  readonly RouteKey: string;
  readonly Target?: string;
  readonly AuthorizationType?: string;
};

type IntegrationProperties = {
  readonly IntegrationType?: string;
  readonly IntegrationUri?: string;
  readonly PayloadFormatVersion?: string;
  readonly TimeoutInMillis?: number;
};

type Integration = { readonly functionName: string; readonly timeoutMs: number };

function readIntegrations(deployment: Deployment): Map<string, Integration> {
  const integrations = new Map<string, Integration>();
  for (const [logicalId, resource] of deployment.resourcesOf('AWS::ApiGatewayV2::Integration')) {
    const properties = deployment.resolve(resource.Properties ?? {}) as IntegrationProperties;
    const functionName = functionNameOf(properties.IntegrationUri ?? '');
    const isProxy = properties.IntegrationType === 'AWS_PROXY' && functionName !== undefined;
    if (!isProxy || properties.PayloadFormatVersion !== '2.0') {
      throw new Error(
        `${logicalId}: only Lambda proxies with payload format 2.0 run on one machine.`,
      );
    }
    const timeoutMs = Math.min(
      properties.TimeoutInMillis ?? MAX_INTEGRATION_MS,
      MAX_INTEGRATION_MS,
    );
    integrations.set(deployment.physical(logicalId), { functionName, timeoutMs });
  }
  return integrations;
}

type Permission = { readonly functionName: string; readonly sourceArn: RegExp };

function readPermissions(deployment: Deployment): Permission[] {
  const permissions: Permission[] = [];
  for (const [, resource] of deployment.resourcesOf('AWS::Lambda::Permission')) {
    const properties = deployment.resolve(resource.Properties ?? {}) as Record<string, string>;
    if (properties['Principal'] !== 'apigateway.amazonaws.com') continue;
    if (properties['Action'] !== 'lambda:InvokeFunction') continue;
    const target = properties['FunctionName'] ?? '';
    permissions.push({
      functionName: functionNameOf(target) ?? target,
      sourceArn: wildcard(properties['SourceArn'] ?? '*'),
    });
  }
  return permissions;
}

/** The name in a function's ARN, also where the ARN stands inside API Gateway's own form of it. */
export function functionNameOf(arn: string): string | undefined {
  return /^arn:.*:function:([^:/]+)/.exec(arn)?.[1];
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

function parseRouteKey(routeKey: string) {
  if (routeKey === '$default') return { routeKey, method: 'ANY', path: '/$default', segments: [] };
  const [method = '', path = ''] = routeKey.split(' ');
  const segments = path
    .split('/')
    .slice(1)
    .map((text): Segment => {
      const name = /^\{([^}+]+)(\+?)\}$/.exec(text);
      if (!name?.[1]) return { kind: 'literal', text };
      return { kind: name[2] ? 'greedy' : 'parameter', name: name[1] };
    });
  return { routeKey, method, path, segments };
}

/** Sorts what is taken first to the front. */
function compareRoutes(one: Route, other: Route): number {
  return (
    rank(one) - rank(other) ||
    compareSegments(one.segments, other.segments) ||
    Number(one.method === 'ANY') - Number(other.method === 'ANY')
  );
}

function rank(route: Route): number {
  if (route.routeKey === '$default') return 2;
  return route.segments.some((segment) => segment.kind === 'greedy') ? 1 : 0;
}

function compareSegments(one: readonly Segment[], other: readonly Segment[]): number {
  const order = { literal: 0, parameter: 1, greedy: 2 };
  for (const [index, segment] of one.entries()) {
    const difference = order[segment.kind] - order[other[index]?.kind ?? 'greedy'];
    if (difference !== 0) return difference;
  }
  return other.length - one.length;
}
