import type { ReactNode } from 'react';
import { Field, SelectField, TextField } from '#dashboard/app/components/field.tsx';
import { Switch } from '#dashboard/app/components/switch.tsx';
import { ConditionInput } from '#dashboard/app/forms/condition-input.tsx';
import { DurationInput } from '#dashboard/app/forms/duration-input.tsx';
import styles from '#dashboard/app/forms/fields.module.css';
import { isObject } from '#dashboard/app/forms/json-text.ts';
import { PairsInput, TextsInput } from '#dashboard/app/forms/list-inputs.tsx';
import { LooseInput } from '#dashboard/app/forms/loose-input.tsx';
import { exampleText, type FieldKind, type FieldSchema } from '#dashboard/app/forms/schema.ts';
import { TemplateInput } from '#dashboard/app/forms/text-input.tsx';
import { nameOf, wordsOf } from '#dashboard/app/forms/words.ts';

/** A field with one control or one list of them, as it is drawn. */
export type DrawnField = {
  readonly schema: FieldSchema;
  readonly path: string;
  readonly isRequired: boolean;
  /** What is said around it. */
  readonly text: {
    readonly label: string;
    readonly help: string;
    readonly error: string | undefined;
    readonly need: string | undefined;
  };
  readonly value: unknown;
  readonly onValue: (value: unknown) => void;
};

/** Kinds of fields that hold other fields. */
type OuterKind = 'steps' | 'group' | 'variants';

/** How each kind of field is asked for. */
export const inputs: Record<Exclude<FieldKind, OuterKind>, (field: DrawnField) => ReactNode> = {
  choice: ({ schema, path, isRequired, text, value, onValue }) => (
    <SelectField
      {...text}
      choices={choicesOf(schema, path, isRequired)}
      value={String(value ?? schema.default ?? '')}
      onValue={(next) => onValue(schema.enum?.find((one) => String(one) === next))}
    />
  ),
  switch: ({ schema, text, value, onValue }) => (
    <div className={styles['switchRow']}>
      <Switch
        label={text.label}
        isOn={(value ?? schema.default) === true}
        onChange={(isOn) => onValue(isOn)}
      />
      <div>
        <span className={styles['switchLabel']}>{text.label}</span>
        <p>{text.help}</p>
      </div>
    </div>
  ),
  number: ({ schema, text, value, onValue }) => (
    <TextField
      {...text}
      type="number"
      inputMode="decimal"
      step={schema.type === 'integer' ? 1 : 'any'}
      min={schema.minimum}
      max={schema.maximum}
      placeholder={placeholderOf(schema)}
      value={value === undefined ? '' : String(value)}
      onValue={(next) => onValue(next === '' ? undefined : Number(next))}
    />
  ),
  duration: ({ schema, text, value, onValue }) => (
    <DurationInput
      {...text}
      isWhole={schema.type === 'integer'}
      value={value}
      usual={schema.default}
      onValue={onValue}
    />
  ),
  texts: ({ schema, path, text, value, onValue }) => (
    <Field {...text} isGroup>
      {() => (
        <TextsInput
          label={text.label}
          path={path}
          isBad={text.error !== undefined}
          placeholder={exampleText(schema)}
          value={textsIn(value)}
          onValue={(next) => onValue(next.length === 0 ? undefined : next)}
        />
      )}
    </Field>
  ),
  pairs: ({ text, value, onValue }) => (
    <Field {...text} isGroup>
      {() => (
        <PairsInput
          label={text.label}
          value={isObject(value) ? value : {}}
          onValue={(next) => onValue(Object.keys(next).length === 0 ? undefined : next)}
        />
      )}
    </Field>
  ),
  condition: ({ text: { label, help, error, need }, value, onValue }) => (
    <Field {...{ label, help, need }} isGroup>
      {() => <ConditionInput label={label} error={error} value={value} onValue={onValue} />}
    </Field>
  ),
  json: ({ schema, path, text, value, onValue }) => (
    <LooseInput
      {...text}
      schema={schema}
      path={path}
      placeholder={exampleText(schema)}
      value={value}
      onValue={onValue}
    />
  ),
  text: (field) => textInput(field, false),
  'long-text': (field) => textInput(field, true),
};

/** Text that is not to be seen. */
export function SecretInput({ text, value, onValue }: DrawnField) {
  return (
    <TextField
      {...text}
      type="password"
      autoComplete="new-password"
      value={typeof value === 'string' ? value : ''}
      onValue={(next) => onValue(next === '' ? undefined : next)}
    />
  );
}

function textInput({ schema, text, value, onValue }: DrawnField, isLong: boolean) {
  return (
    <TemplateInput
      {...text}
      isLong={isLong}
      placeholder={placeholderOf(schema)}
      value={typeof value === 'string' ? value : ''}
      onValue={(next) => onValue(next === '' ? undefined : next)}
    />
  );
}

function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return value === undefined ? [] : [String(value)];
}

/** What is used when nothing is typed, told apart from an example of what may be. */
function placeholderOf(schema: FieldSchema): string | undefined {
  const { default: usual } = schema;
  const isSaid = typeof usual === 'number' || (typeof usual === 'string' && usual !== '');
  return isSaid ? `Default: ${usual}` : exampleText(schema);
}

function choicesOf(schema: FieldSchema, path: string, isRequired: boolean) {
  const known = wordsOf(path).choices ?? {};
  const choices = (schema.enum ?? []).map((value) => ({
    value: String(value),
    label: known[String(value)] ?? choiceLabel(value),
  }));
  const isEmptyAllowed = !isRequired && schema.default === undefined;
  return isEmptyAllowed ? [{ value: '', label: '–' }, ...choices] : choices;
}

/** Words become words; what is written in capitals or as a sign stays. */
function choiceLabel(value: unknown): string {
  const text = String(value);
  return /^[a-z_-]+$/.test(text) ? nameOf(text.replaceAll('-', '_')) : text;
}
