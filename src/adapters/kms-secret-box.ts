import { clientConfig } from '#adapters/aws-clients';
import { ActionRejectedError } from '#core/errors';
import type { SecretBox, SecretContext } from '#core/secret-box';

/** How long an opened secret is used without asking KMS again, in milliseconds. */
const REMEMBER_MS = 5 * 60_000;

/** Opened secrets in memory at most. */
const MOST_REMEMBERED = 500;

/** What KMS says of a ciphertext that no later try opens: made with another key, or elsewhere. */
const LOST: ReadonlySet<string> = new Set(['IncorrectKeyException', 'InvalidCiphertextException']);

/** Secrets under a KMS key, bound to their owner: moved to another row they do not open. */
export function kmsSecretBox(keyId: string): SecretBox {
  const opened = new Map<string, { readonly text: string; readonly until: number }>();
  return {
    async seal(text, context) {
      const { EncryptCommand, client } = await openKms();
      const sealed = await client.send(
        new EncryptCommand({
          KeyId: keyId,
          Plaintext: Buffer.from(text),
          EncryptionContext: contextOf(context),
        }),
      );
      return Buffer.from(sealed.CiphertextBlob ?? []).toString('base64');
    },

    async open(sealed, context) {
      const name = `${JSON.stringify(contextOf(context))}#${sealed}`;
      const known = opened.get(name);
      if (known !== undefined && known.until > Date.now()) return known.text;
      const { DecryptCommand, client } = await openKms();
      const command = new DecryptCommand({
        KeyId: keyId,
        CiphertextBlob: Buffer.from(sealed, 'base64'),
        EncryptionContext: contextOf(context),
      });
      const answer = await client.send(command).catch((cause: unknown) => {
        throw whyClosed(cause);
      });
      const text = Buffer.from(answer.Plaintext ?? []).toString();
      if (opened.size >= MOST_REMEMBERED) opened.clear();
      opened.set(name, { text, until: Date.now() + REMEMBER_MS });
      return text;
    },
  };
}

function whyClosed(cause: unknown): unknown {
  if (!(cause instanceof Error) || !LOST.has(cause.name)) return cause;
  return new ActionRejectedError(
    'The stored secret does not open any more: it was encrypted with another key, or moved here from elsewhere. Give it again.',
    { cause },
  );
}

function contextOf(context: SecretContext): Record<string, string> {
  const user_id = context.userId;
  return 'agentId' in context
    ? { user_id, agent_id: context.agentId }
    : { user_id, connection_id: context.connectionId };
}

let kms: ReturnType<typeof loadKms> | undefined;

/** Only signed webhooks and connections need KMS, so its client is loaded when the first one comes. */
function openKms(): ReturnType<typeof loadKms> {
  kms ??= loadKms();
  return kms;
}

async function loadKms() {
  const { DecryptCommand, EncryptCommand, KMSClient } = await import('@aws-sdk/client-kms');
  return { DecryptCommand, EncryptCommand, client: new KMSClient(clientConfig()) };
}
