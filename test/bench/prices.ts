/** List prices of AWS, us-east-1, in dollars, without free tiers; November 2026. */
export const PRICES = {
  /** A million requests of up to 512 KB. https://aws.amazon.com/api-gateway/pricing/ (HTTP APIs, first 300 million) */
  httpApiMillion: 1,
  /** A million invocations. https://aws.amazon.com/lambda/pricing/ */
  lambdaMillion: 0.2,
  /** A GB-second on arm64, first tier. https://aws.amazon.com/lambda/pricing/ */
  lambdaArmGbSecond: 0.0000133334,
  /** A million write request units, on demand. https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnitsMillion: 0.625,
  /** A million read request units, on demand. https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  readUnitsMillion: 0.125,
  /** A million requests to a standard queue, each up to 64 KB. https://aws.amazon.com/sqs/pricing/ */
  sqsMillion: 0.4,
  /** On top, for a million requests with a MessageGroupId (fair queues). https://aws.amazon.com/sqs/pricing/ */
  sqsFairMillion: 0.1,
  /** A million state transitions. https://aws.amazon.com/step-functions/pricing/ (Standard) */
  transitionsMillion: 25,
  /** A GB of logs taken in. https://aws.amazon.com/cloudwatch/pricing/ */
  logsGb: 0.5,
  /** A million traces recorded. https://aws.amazon.com/xray/pricing/ */
  tracesMillion: 5,
  /** An alarm a month, for each metric that it looks at. https://aws.amazon.com/cloudwatch/pricing/ */
  alarmMetricMonth: 0.1,
  /** A dashboard a month (an account's first three are free). https://aws.amazon.com/cloudwatch/pricing/ */
  dashboardMonth: 3,
  /** A key a month. https://aws.amazon.com/kms/pricing/ */
  keyMonth: 1,
  /** A million scheduled invocations. https://aws.amazon.com/eventbridge/pricing/ (Scheduler) */
  schedulerMillion: 1,
  /** A million events of up to 64 KB put on a bus of one's own. https://aws.amazon.com/eventbridge/pricing/ */
  eventsMillion: 1,
} as const;

/** What cannot be counted on one machine: assumed instead, on the dear side. */
export const ASSUMED = {
  /** A webhook's, or the sweeper's, invocation: two table calls and a message, at 5 to 10 ms each. */
  shortInvocationMs: 25,
  /** An invocation of a function that executes runs, besides their actions. */
  executingMs: 50,
  /** Telling of a run's usage. */
  eventMs: 10,
  /** One action: an HTTP call to a server on the internet. */
  actionMs: 150,
  /** Lambda's pollers receive and delete each message by itself when the batch size is 1. */
  pollerRequestsPerMessage: 2,
  /** START, END and REPORT, which Lambda itself writes about each invocation. */
  platformLogBytes: 450,
  /** API Gateway's own line about each request. */
  accessLogBytes: 300,
  /** X-Ray's default sampling, without its first trace of each second. */
  tracedShare: 0.05,
  minutesPerMonth: 43_200,
  /** Lambda's five pollers ask an empty queue every 20 s each. */
  emptyReceivesPerMonth: 648_000,
} as const;
