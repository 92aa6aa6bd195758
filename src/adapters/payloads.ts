import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { clientConfig } from '#adapters/aws-clients';
import { keys } from '#adapters/dynamo-keys';
import { INLINE_BYTES, ITEM_BYTES } from '#core/payload';
import type { PayloadStore } from '#core/runs/payload-store';
import type { RunRef } from '#core/runs/run';

/** Payloads beside their run: in its item, in an item of their own, or in the bucket. */
export function payloads(
  table: DynamoDBDocumentClient,
  tableName: string,
  bucketName: string,
): PayloadStore {
  return {
    async put(ref, name, json, room) {
      const bytes = Buffer.byteLength(json);
      if (bytes <= Math.min(INLINE_BYTES, room)) return { kind: 'inline', json };
      if (bytes <= ITEM_BYTES) {
        const Item = { ...keys.payload(ref, name), json };
        await table.send(new PutCommand({ TableName: tableName, Item }));
        return { kind: 'item', name, bytes };
      }
      const key = objectKey(ref, name);
      const { PutObjectCommand, client } = await openBucket();
      await client.send(
        new PutObjectCommand({
          Bucket: bucketName,
          Key: key,
          Body: json,
          ContentType: 'application/json',
        }),
      );
      return { kind: 'object', key, bytes };
    },

    async discard(ref, payload) {
      // Objects go by the bucket's own rule; what is inline went with its item.
      if (payload.kind !== 'item') return;
      await table.send(
        new UpdateCommand({
          TableName: tableName,
          Key: keys.payload(ref, payload.name),
          UpdateExpression: 'SET expires_at = :gone',
          ExpressionAttributeValues: { ':gone': 1 },
        }),
      );
    },

    async get(ref, payload) {
      if (payload.kind === 'inline') return payload.json;
      if (payload.kind === 'item') {
        const found = await table.send(
          new GetCommand({
            TableName: tableName,
            Key: keys.payload(ref, payload.name),
            ConsistentRead: true,
          }),
        );
        return String(found.Item?.['json'] ?? 'null');
      }
      const { GetObjectCommand, client } = await openBucket();
      const object = await client.send(
        new GetObjectCommand({ Bucket: bucketName, Key: payload.key }),
      );
      return (await object.Body?.transformToString()) ?? 'null';
    },
  };
}

/** The key of a payload's object. No two runs share a run id, so it alone keeps objects apart. */
export function objectKey(ref: RunRef, name: string): string {
  return `runs/${encodeURIComponent(ref.userId)}/${ref.runId}/${name}.json`;
}

/** Deletes objects; those that do not exist are fine. */
export async function deleteObjects(bucketName: string, objects: readonly string[]): Promise<void> {
  if (objects.length === 0) return;
  const { DeleteObjectCommand, client } = await openBucket();
  for (const Key of objects)
    await client.send(new DeleteObjectCommand({ Bucket: bucketName, Key }));
}

let bucket: ReturnType<typeof loadBucket> | undefined;

/** Few runs have a payload this large, so the S3 client is loaded when one does. */
function openBucket(): ReturnType<typeof loadBucket> {
  bucket ??= loadBucket();
  return bucket;
}

async function loadBucket() {
  const { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } = await import(
    '@aws-sdk/client-s3'
  );
  const client = new S3Client(clientConfig());
  return { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, client };
}
