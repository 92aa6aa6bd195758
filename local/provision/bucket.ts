/** Make a bucket, unless it is there. */
export async function provisionBucket(endpoint: string, bucket: string): Promise<void> {
  const response = await fetch(`${endpoint}/${bucket}`, { method: 'PUT' });
  if (!response.ok) throw new Error(`Bucket ${bucket} was not made: HTTP ${response.status}`);
}
