/** Shapes that the parts of one machine's AWS share. Plain data wherever a worker thread must receive it. */

/** One resource of a CloudFormation template. */
export type Resource = {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly Metadata?: Record<string, unknown>;
  readonly DependsOn?: string | readonly string[];
  /** Name of the template condition without which the resource does not exist. */
  readonly Condition?: string;
};

/** A synthesized CloudFormation template, as far as it is read here. */
export type Template = {
  readonly Parameters?: Record<string, { readonly Type: string; readonly Default?: unknown }>;
  readonly Conditions?: Record<string, unknown>;
  readonly Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, { readonly Value: unknown; readonly Description?: string }>;
};

/** What `cdk synth` wrote: one stack's template and the files it refers to. */
export type Assembly = {
  readonly stackName: string;
  readonly template: Template;
  /**
   * Absolute directory (or file) of an asset.
   *
   * @param s3Key `Code.S3Key` of a function as the template has it.
   * @throws Error naming the key when no asset has it.
   */
  assetPath(s3Key: string): string;
};

/** A template whose references have got values. */
export type Deployment = {
  readonly assembly: Assembly;
  readonly accountId: string;
  readonly region: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The value with all intrinsic functions replaced. @throws Error naming what is unknown. */
  resolve(value: unknown): unknown;
  /** What `Ref` gives for the resource. */
  physical(logicalId: string): string;
  /** What `Fn::GetAtt` gives. */
  attribute(logicalId: string, name: string): string;
  /** Existing resources of a type, in the template's order; properties are not resolved. */
  resourcesOf(type: string): [logicalId: string, resource: Resource][];
};

/** One statement of an IAM policy, resolved; only what the local evaluation understands. */
export type PolicyStatement = {
  readonly effect: 'Allow' | 'Deny';
  /** Such as `dynamodb:PutItem`, with `*` and `?`. */
  readonly actions: readonly string[];
  /** ARNs with `*` and `?`. */
  readonly resources: readonly string[];
  readonly conditions: readonly PolicyCondition[];
};

/** One line of a statement's `Condition`: the key's value must (or must not) match one of `values`. */
export type PolicyCondition = {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
};

/** Condition keys of a request, such as `aws:SecureTransport` → `true`; some have several values. */
export type PolicyContext = Readonly<Record<string, string | readonly string[]>>;

/** One thing that a request does, in IAM's words. */
export type Call = {
  /** IAM prefix, such as `dynamodb`. */
  readonly service: string;
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  /** ARN, or `*` for actions without a resource. */
  readonly resource: string;
  /** Condition keys that only such a call has. */
  readonly context?: PolicyContext;
};

/** Account and region that ARNs are built with. */
export type Place = { readonly accountId: string; readonly region: string };

/** Base URLs of the emulators, such as `http://127.0.0.1:41234`, without a slash at the end. */
export type Endpoints = {
  readonly dynamodb: string;
  readonly sqs: string;
  readonly s3: string;
  readonly scheduler: string;
  readonly kms: string;
  readonly states: string;
  readonly ses: string;
  readonly events: string;
};

/** What the AWS SDK gives its request handler (the parts of smithy's HttpRequest that are used). */
export type SdkRequest = {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
};

/** What the AWS SDK expects back (smithy's HttpResponse, which it recognises by shape). */
export type SdkResponse = {
  statusCode: number;
  reason?: string;
  headers: Record<string, string>;
  body?: unknown;
};

/** Options the AWS SDK passes for one request. */
type SdkRequestOptions = { abortSignal?: AbortSignal; requestTimeout?: number };

/** A `requestHandler` for AWS SDK clients. */
export type SdkRequestHandler = {
  handle(request: SdkRequest, options?: SdkRequestOptions): Promise<{ response: SdkResponse }>;
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
};

/** One counted request, for bills and benchmarks. */
export type RecordedCall = {
  readonly functionName: string;
  readonly service: string;
  /** The API operation, such as `TransactWriteItems`. */
  readonly operation: string;
  /** Table, queue or bucket. */
  readonly resource: string;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly readUnits: number;
  readonly writeUnits: number;
};

/** One measurement that a function wrote to its log. */
export type RecordedMeasurement = {
  readonly name: string;
  readonly unit: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly number[];
};
