import { type Identity, identify } from '#local/identities';
import type { Assembly, Deployment, Resource } from '#local/types';

/** Where and with what a template is deployed. */
export type DeployOptions = {
  readonly accountId: string;
  readonly region: string;
  /** Values for the template's parameters; the others take their defaults. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Replaces generated names, by logical id. */
  readonly physicalIds?: Readonly<Record<string, string>>;
  /** What the HTTP API's `ApiEndpoint` gives, without a slash at the end. */
  readonly apiEndpoint: string;
};

/**
 * Give a template's references values, as CloudFormation would.
 *
 * @throws Error for a parameter that the template does not declare, or that has neither value nor default.
 */
export function deploy(assembly: Assembly, options: DeployOptions): Deployment {
  const { template } = assembly;
  const parameters = parameterValues(assembly, options.parameters);
  const identities = new Map<string, Identity>();
  const conditions = new Map<string, boolean>();

  function existing(logicalId: string): Resource {
    const resource = template.Resources[logicalId];
    if (!resource || !exists(resource)) {
      throw new Error(`The template has no resource ${logicalId}`);
    }
    return resource;
  }

  function exists(resource: Resource): boolean {
    return resource.Condition === undefined || condition(resource.Condition);
  }

  function identity(logicalId: string): Identity {
    const known = identities.get(logicalId);
    if (known) return known;
    const resource = existing(logicalId);
    const name = options.physicalIds?.[logicalId];
    const made = identify(resource.Type, {
      accountId: options.accountId,
      region: options.region,
      stackName: assembly.stackName,
      logicalId,
      properties: namingProperties(resource),
      apiEndpoint: options.apiEndpoint,
      ...(name === undefined ? {} : { name }),
    });
    identities.set(logicalId, made);
    return made;
  }

  /** Only strings can be names; resolving all properties could run in circles. */
  function namingProperties(resource: Resource): Record<string, unknown> {
    const naming = Object.entries(resource.Properties ?? {}).filter(([key]) =>
      /(^|[a-z])(Name|Domain)$/.test(key),
    );
    return resolve(Object.fromEntries(naming)) as Record<string, unknown>;
  }

  function attribute(logicalId: string, name: string): string {
    const value = identity(logicalId).attributes[name];
    if (value === undefined) {
      throw new Error(
        `${logicalId} (${existing(logicalId).Type}): attribute ${name} is unknown here; add it to local/identities.ts`,
      );
    }
    return value;
  }

  function ref(name: string): unknown {
    if (name in pseudo) return pseudo[name];
    if (name in parameters) return parameters[name];
    return identity(name).ref;
  }

  function condition(name: string): boolean {
    const known = conditions.get(name);
    if (known !== undefined) return known;
    const expression = template.Conditions?.[name];
    if (expression === undefined) throw new Error(`The template has no condition ${name}`);
    const value = truth(resolve(expression));
    conditions.set(name, value);
    return value;
  }

  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': options.accountId,
    'AWS::NoValue': undefined,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': options.region,
    'AWS::StackId': `arn:aws:cloudformation:${options.region}:${options.accountId}:stack/${assembly.stackName}/local`,
    'AWS::StackName': assembly.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };

  /** One entry an intrinsic function; each gets its argument unresolved. */
  const intrinsics: Record<string, (argument: unknown) => unknown> = {
    Ref: (name) => ref(text(name)),
    Condition: (name) => condition(text(name)),
    'Fn::GetAtt': (argument) => {
      const [logicalId, ...path] =
        typeof argument === 'string' ? argument.split('.') : list(argument);
      return attribute(text(logicalId), path.join('.'));
    },
    'Fn::Join': (argument) => {
      const [separator, parts] = list(argument);
      return list(resolve(parts)).map(text).join(text(separator));
    },
    'Fn::Sub': (argument) => {
      const [pattern, variables] = typeof argument === 'string' ? [argument, {}] : list(argument);
      return substitute(text(pattern), resolve(variables) as Record<string, unknown>);
    },
    'Fn::Select': (argument) => {
      const [index, values] = list(argument).map(resolve);
      const value = list(values)[Number(index)];
      if (value === undefined) throw new Error(`Fn::Select: there is no element ${index}`);
      return value;
    },
    'Fn::Split': (argument) => {
      const [separator, value] = list(argument);
      return text(resolve(value)).split(text(separator));
    },
    'Fn::FindInMap': (argument) => {
      const [map, first, second] = list(argument).map((part) => text(resolve(part)));
      const value = template.Mappings?.[map ?? '']?.[first ?? '']?.[second ?? ''];
      if (value === undefined) throw new Error(`Fn::FindInMap: no ${map}.${first}.${second}`);
      return value;
    },
    'Fn::If': (argument) => {
      const [name, whenTrue, whenFalse] = list(argument);
      return resolve(condition(text(name)) ? whenTrue : whenFalse);
    },
    'Fn::Equals': (argument) => {
      const [left, right] = list(argument).map((side) => text(resolve(side)));
      return left === right;
    },
    'Fn::Not': (argument) => !truth(resolve(list(argument)[0])),
    'Fn::And': (argument) => list(argument).every((part) => truth(resolve(part))),
    'Fn::Or': (argument) => list(argument).some((part) => truth(resolve(part))),
  };

  function substitute(pattern: string, variables: Record<string, unknown>): string {
    return pattern.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return text(variables[name]);
      const [logicalId = '', ...path] = name.split('.');
      return path.length > 0 ? attribute(logicalId, path.join('.')) : text(ref(name));
    });
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only && isIntrinsic(only)) {
      const intrinsic = intrinsics[only[0]];
      if (!intrinsic) throw new Error(`${only[0]} is not understood here (local/intrinsics.ts)`);
      return intrinsic(only[1]);
    }
    return Object.fromEntries(
      entries.map(([key, item]) => [key, resolve(item)]).filter(([, item]) => item !== undefined),
    );
  }

  return {
    assembly,
    accountId: options.accountId,
    region: options.region,
    parameters,
    resolve,
    physical: (logicalId) => identity(logicalId).ref,
    attribute,
    resourcesOf: (type) =>
      Object.entries(template.Resources).filter(
        ([, resource]) => resource.Type === type && exists(resource),
      ),
  };
}

function isIntrinsic([key, argument]: [string, unknown]): boolean {
  // A policy statement has a `Condition` too, but never a string.
  if (key === 'Condition') return typeof argument === 'string';
  return key === 'Ref' || key.startsWith('Fn::');
}

function parameterValues(
  { stackName, template }: Assembly,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const declared = template.Parameters ?? {};
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0) {
    throw new Error(`${stackName} declares no parameter ${unknown.join(', ')}`);
  }
  const values: Record<string, string> = {};
  for (const [name, parameter] of Object.entries(declared)) {
    const value = given[name] ?? parameter.Default;
    if (value === undefined) throw new Error(`${stackName} needs the parameter ${name}`);
    values[name] = String(value);
  }
  return values;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`Expected a string in the template, found ${JSON.stringify(value)}`);
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`Expected a list in the template, found ${JSON.stringify(value)}`);
}

function truth(value: unknown): boolean {
  return value === true || value === 'true';
}
