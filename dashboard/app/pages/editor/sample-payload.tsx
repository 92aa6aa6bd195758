import { LooseInput } from '#dashboard/app/forms/loose-input.tsx';
import type { FieldSchema } from '#dashboard/app/forms/schema.ts';

const schema: FieldSchema = { type: 'object', additionalProperties: { type: 'string' } };

/** What a payload is, by what starts the agent. */
const origins = {
  webhook: 'What a call could bring',
  manual: 'What whoever runs it could give it',
};

/** A payload to pick data from, and to test the steps with. */
export function SamplePayload(props: {
  readonly trigger: keyof typeof origins;
  readonly payload: unknown;
  readonly onPayload: (payload: unknown) => void;
}) {
  return (
    <LooseInput
      label="Sample payload"
      help={`${origins[props.trigger]}: to pick data from, for previews and for tests. Left empty, the last run's payload is used.`}
      need="optional"
      placeholder='{"name":"Ada","email":"ada@example.com"}'
      schema={schema}
      path="sample"
      value={props.payload}
      onValue={props.onPayload}
    />
  );
}
