import { openTransport, type Transport } from '#local/transport';

// The emulators want to see a signature's form and never check it.
const JSON_HEADERS =
  'content-type: application/x-amz-json-1.0\r\n' +
  'x-amz-date: 20250101T000000Z\r\n' +
  'authorization: AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/local/aws4_request, ' +
  'SignedHeaders=host;x-amz-date, Signature=local\r\n';

/** A transport for emulators that speak AWS's JSON protocol. */
export function openJsonTransport(endpoint: string): Transport {
  return openTransport(endpoint, JSON_HEADERS);
}

/** Calls an emulator directly, for this machine's own needs: without SDK, role and bill. */
export type JsonClient = {
  /**
   * @param target such as `DynamoDB_20120810.PutItem`.
   * @throws AwsError when the emulator refuses.
   */
  call<Output>(target: string, input: object): Promise<Output>;
  close(): void;
};

/** A refusal; `code` is the service's name of the error. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** @param endpoint base URL of the emulator. */
export function openJsonClient(endpoint: string): JsonClient {
  const transport = openJsonTransport(endpoint);
  return {
    async call<Output>(target: string, input: object): Promise<Output> {
      const { status, body } = await transport.post(
        `x-amz-target: ${target}\r\n`,
        JSON.stringify(input),
      );
      const output = JSON.parse(body.toString());
      if (status === 200) return output;
      const code = String(output.__type).replace(/^.*#/, '');
      throw new AwsError(code, `${target}: ${output.message ?? output.Message ?? code}`);
    },
    close: transport.close,
  };
}
