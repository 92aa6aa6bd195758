import { useState } from 'react';
import { Field } from '#dashboard/app/components/field.tsx';
import { Segments } from '#dashboard/app/components/toolbar.tsx';
import { JsonInput } from '#dashboard/app/forms/json-input.tsx';
import { PairsInput, TextsInput } from '#dashboard/app/forms/list-inputs.tsx';
import { fits, type LooseMode, modesOf, startMode } from '#dashboard/app/forms/loose-modes.ts';
import type { FieldSchema } from '#dashboard/app/forms/schema.ts';

const modeLabels: Record<LooseMode, string> = { pairs: 'Fields', texts: 'List', json: 'JSON' };

/**
 * A value of several possible shapes. Where names with values, or a list of texts, will do, nobody has to
 * write JSON; whoever wants to can.
 */
export function LooseInput(props: {
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  readonly need?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly schema: FieldSchema;
  readonly path: string;
  readonly value: unknown;
  readonly onValue: (value: unknown) => void;
}) {
  const { label, help, error, need, placeholder, schema, path } = props;
  const { value, onValue } = props;
  const [chosen, setMode] = useState(() => startMode(schema, value));
  const mode = fits(chosen, value) ? chosen : 'json';
  const modes = modesOf(schema).filter((one) => one === mode || fits(one, value));
  const choose = modes.length > 1 && (
    <Segments
      label={`How ${label} is written`}
      isSmall
      choices={modes.map((one) => ({ value: one, label: modeLabels[one] }))}
      value={mode}
      onValue={(next) => setMode(modes.find((one) => one === next) ?? 'json')}
    />
  );
  if (mode === 'json') {
    return (
      <JsonInput {...{ label, help, error, need, placeholder, value, onValue }} beside={choose} />
    );
  }
  return (
    <Field {...{ label, help, error, need }} isGroup aside={choose}>
      {() =>
        mode === 'pairs' ? (
          <PairsInput
            label={label}
            value={(value ?? {}) as Readonly<Record<string, unknown>>}
            onValue={(next) => onValue(Object.keys(next).length === 0 ? undefined : next)}
          />
        ) : (
          <TextsInput
            label={label}
            path={path}
            placeholder={undefined}
            value={(value ?? []) as readonly string[]}
            onValue={(next) => onValue(next.length === 0 ? undefined : next)}
          />
        )
      }
    </Field>
  );
}
