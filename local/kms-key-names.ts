import { bodyText } from '#local/iam/body';
import type { Transport } from '#local/transport';
import type { SdkRequest } from '#local/types';

/** Turns aliases of keys into the keys' ARNs: IAM judges calls to KMS by those. */
export type KeyNames = {
  /** The request, naming its key by ARN; unchanged when it names no alias, or none that exists. */
  resolve(request: SdkRequest): SdkRequest | Promise<SdkRequest>;
};

/** @param transport gives the way to KMS, when it is needed. */
export function openKeyNames(transport: () => Transport): KeyNames {
  const arns = new Map<string, string>();

  async function arnOf(alias: string): Promise<string> {
    const known = arns.get(alias);
    if (known) return known;
    const { status, body } = await transport().post(
      'x-amz-target: TrentService.DescribeKey\r\n',
      JSON.stringify({ KeyId: alias }),
    );
    if (status !== 200) return alias;
    const arn = String(JSON.parse(body.toString()).KeyMetadata.Arn);
    arns.set(alias, arn);
    return arn;
  }

  async function withKeyOf(request: SdkRequest): Promise<SdkRequest> {
    const input: { KeyId?: string } = JSON.parse(bodyText(request.body));
    if (!input.KeyId || !/^(arn:.*:)?alias\//.test(input.KeyId)) return request;
    const KeyId = await arnOf(input.KeyId);
    return { ...request, body: JSON.stringify({ ...input, KeyId }) };
  }

  return {
    resolve: (request) =>
      request.headers['x-amz-target']?.startsWith('TrentService.') ? withKeyOf(request) : request,
  };
}
