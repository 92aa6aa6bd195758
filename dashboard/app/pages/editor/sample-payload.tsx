import { LooseInput } from '#dashboard/app/forms/loose-input.tsx';
import type { FieldSchema } from '#dashboard/app/forms/schema.ts';

const schema: FieldSchema = { type: 'object', additionalProperties: { type: 'string' } };

/** A payload to pick data from, and to test the steps with. */
export function SamplePayload(props: {
  readonly payload: unknown;
  readonly onPayload: (payload: unknown) => void;
}) {
  return (
    <LooseInput
      label="Sample payload"
      help="What a call could bring: to pick data from, for previews and for tests. Left empty, the last run's payload is used."
      isOptional
      placeholder='{"name":"Ada","email":"ada@example.com"}'
      schema={schema}
      path="sample"
      value={props.payload}
      onValue={props.onPayload}
    />
  );
}
