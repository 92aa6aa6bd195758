/** One message as `ReceiveMessage` gives it. */
export type QueueMessage = {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, SqsAttribute>>;
};

/** A message attribute in the words of SQS's API. */
type SqsAttribute = {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
};

/** The calls that an event source makes, in SQS's JSON protocol. */
export type QueueClient = {
  /** @param limit 1 to 10. @param waitSeconds long poll, up to 20. */
  receive(queueUrl: string, limit: number, waitSeconds: number): Promise<QueueMessage[]>;
  /** @param receiptHandles at most 10. */
  deleteBatch(queueUrl: string, receiptHandles: readonly string[]): Promise<void>;
  changeVisibility(queueUrl: string, receiptHandle: string, seconds: number): Promise<void>;
  /** Requests made since it was opened, by operation. */
  counters(): Record<string, number>;
  /** Drops what is under way. */
  close(): void;
};
