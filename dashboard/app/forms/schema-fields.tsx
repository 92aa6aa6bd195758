import { Field, SelectField, TextField } from '#dashboard/app/components/field.tsx';
import { Switch } from '#dashboard/app/components/switch.tsx';
import { ConditionInput } from '#dashboard/app/forms/condition-input.tsx';
import { ConnectionInput } from '#dashboard/app/forms/connection-input.tsx';
import { DurationInput } from '#dashboard/app/forms/duration-input.tsx';
import styles from '#dashboard/app/forms/fields.module.css';
import { useForm } from '#dashboard/app/forms/form-context.ts';
import { PairsInput, TextsInput } from '#dashboard/app/forms/list-inputs.tsx';
import { LooseInput } from '#dashboard/app/forms/loose-input.tsx';
import {
  type Definitions,
  exampleText,
  type FieldSchema,
  fieldKind,
  fieldLabel,
  follow,
  startValue,
} from '#dashboard/app/forms/schema.ts';
import { TemplateInput } from '#dashboard/app/forms/text-input.tsx';
import { nameOf, withoutNames, wordsOf } from '#dashboard/app/forms/words.ts';

type Values = Readonly<Record<string, unknown>>;

/** The fields of an object, drawn from its JSON Schema. A field that is emptied is left out. */
export function SchemaFields(props: {
  readonly schema: FieldSchema;
  readonly definitions?: Definitions;
  /** JSON path of the object in what is saved. */
  readonly path: string;
  readonly value: Values;
  readonly onValue: (value: Record<string, unknown>) => void;
  /** Fields that are asked for elsewhere. */
  readonly without?: readonly string[];
}) {
  const { schema, definitions = {}, path, value, onValue, without = [] } = props;
  const names = Object.keys(schema.properties ?? {}).filter((name) => !without.includes(name));
  const set = (name: string, next: unknown) => {
    const { [name]: _, ...rest } = value;
    onValue(next === undefined ? rest : { ...rest, [name]: next });
  };
  return (
    <div className={styles['fields']}>
      {names.map((name) => (
        <SchemaField
          key={name}
          name={name}
          schema={follow(schema.properties?.[name] ?? {}, definitions)}
          definitions={definitions}
          path={path === '' ? name : `${path}.${name}`}
          isRequired={schema.required?.includes(name) ?? false}
          value={value[name]}
          onValue={(next) => set(name, next)}
        />
      ))}
    </div>
  );
}

/** The fields of a whole document: of an object, or of one of several kinds of objects. */
export function RootFields(props: Parameters<typeof SchemaFields>[0]) {
  const { schema, definitions = {}, path, value, onValue } = props;
  if (schema.properties) return <SchemaFields {...props} />;
  return (
    <VariantFields
      name=""
      schema={schema}
      definitions={definitions}
      path={path}
      isRequired
      value={value}
      onValue={(next) => onValue(next as Record<string, unknown>)}
    />
  );
}

type SchemaFieldProps = {
  readonly name: string;
  readonly schema: FieldSchema;
  readonly definitions: Definitions;
  readonly path: string;
  readonly isRequired: boolean;
  readonly value: unknown;
  readonly onValue: (value: unknown) => void;
};

function SchemaField(props: SchemaFieldProps) {
  const { name, schema, definitions, path, isRequired } = props;
  const { problemAt, isSecret } = useForm();
  const { value, onValue } = whereEmptyIsNull(props);
  const drawn = fieldKind(schema, name);
  const kind = drawn === 'long-text' && Array.isArray(value) ? 'texts' : drawn;
  const example = exampleText(schema);
  const placeholder = defaultWords(schema.default) ?? example;
  const text = {
    label: fieldLabel(path, schema),
    help: wordsOf(path).help ?? withoutNames(schema.description ?? ''),
    error: problemAt(path),
    isOptional: !isRequired && schema.default === undefined && problemAt(path) === undefined,
  };
  if (name.endsWith('connection_id')) {
    return <ConnectionInput name={name} value={value} onValue={onValue} {...text} />;
  }
  // There is nothing to choose.
  if (schema.const !== undefined) return null;
  switch (kind) {
    case 'steps':
      return null;
    case 'choice':
      return (
        <SelectField
          {...text}
          choices={choicesOf(schema, path, isRequired)}
          value={String(value ?? schema.default ?? '')}
          onValue={(next) => onValue(chosen(schema, next))}
        />
      );
    case 'switch':
      return (
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
      );
    case 'number':
      return (
        <TextField
          {...text}
          type="number"
          inputMode="decimal"
          step={schema.type === 'integer' ? 1 : 'any'}
          min={schema.minimum}
          max={schema.maximum}
          placeholder={placeholder}
          value={value === undefined ? '' : String(value)}
          onValue={(next) => onValue(next === '' ? undefined : Number(next))}
        />
      );
    case 'duration':
      return (
        <DurationInput
          {...text}
          isWhole={schema.type === 'integer'}
          value={value}
          usual={schema.default}
          onValue={onValue}
        />
      );
    case 'texts':
      return (
        <Field {...text} isGroup>
          {() => (
            <TextsInput
              label={text.label}
              path={path}
              isBad={text.error !== undefined}
              placeholder={example}
              value={
                Array.isArray(value)
                  ? value.map(String)
                  : value === undefined
                    ? []
                    : [String(value)]
              }
              onValue={(next) => onValue(next.length === 0 ? undefined : next)}
            />
          )}
        </Field>
      );
    case 'pairs':
      return (
        <Field {...text} isGroup>
          {() => (
            <PairsInput
              label={text.label}
              value={isObject(value) ? value : {}}
              onValue={(next) => onValue(Object.keys(next).length === 0 ? undefined : next)}
            />
          )}
        </Field>
      );
    case 'group':
      return (
        <fieldset className={styles['group']}>
          <legend>{text.label}</legend>
          <SchemaFields
            schema={schema}
            definitions={definitions}
            path={path}
            value={isObject(value) ? value : {}}
            onValue={onValue}
          />
        </fieldset>
      );
    case 'variants':
      return <VariantFields {...props} />;
    case 'condition':
      return (
        <Field label={text.label} help={text.help} isOptional={text.isOptional} isGroup>
          {() => (
            <ConditionInput label={text.label} error={text.error} value={value} onValue={onValue} />
          )}
        </Field>
      );
    case 'json':
      return (
        <LooseInput
          {...text}
          schema={schema}
          path={path}
          placeholder={example}
          value={value}
          onValue={onValue}
        />
      );
    default:
      if (isSecret?.(path)) {
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
      return (
        <TemplateInput
          {...text}
          isLong={kind === 'long-text'}
          placeholder={placeholder}
          value={typeof value === 'string' ? value : ''}
          onValue={(next) => onValue(next === '' ? undefined : next)}
        />
      );
  }
}

/** A field that may be null shows null as nothing; emptied, it is null where leaving it out means something else. */
function whereEmptyIsNull({ schema, value, onValue }: SchemaFieldProps) {
  if (!schema.isNullable) return { value, onValue };
  if (schema.default === undefined) return { value: value ?? undefined, onValue };
  return {
    value: value === undefined ? schema.default : (value ?? undefined),
    onValue: (next: unknown) => onValue(next ?? null),
  };
}

/** An object of one of several shapes, told apart by a constant. */
function VariantFields({ name, schema, definitions, path, value, onValue }: SchemaFieldProps) {
  const variants = (schema.oneOf ?? schema.anyOf ?? []).map((one) => follow(one, definitions));
  const tag = tagOf(variants);
  const own = isObject(value) ? value : {};
  const shown =
    variants.find(({ properties }) => properties?.[tag]?.const === own[tag]) ?? variants[0];
  const choices = variants.map((variant) => ({
    value: String(variant.properties?.[tag]?.const ?? ''),
    label: variantLabel(variant, tag),
  }));
  const fields = (
    <>
      <SelectField
        label={nameOf(tag)}
        choices={choices}
        value={String(own[tag] ?? choices[0]?.value)}
        onValue={(next) => onValue({ [tag]: next })}
      />
      {shown && (
        <SchemaFields
          schema={shown}
          definitions={definitions}
          path={path}
          value={own}
          without={[tag]}
          onValue={(next) => onValue({ ...startValue(shown), ...next })}
        />
      )}
    </>
  );
  if (name === '') return <div className={styles['fields']}>{fields}</div>;
  return (
    <fieldset className={styles['group']}>
      <legend>{fieldLabel(path, schema)}</legend>
      {fields}
    </fieldset>
  );
}

/** What is used when nothing is typed, told apart from an example of what may be. */
function defaultWords(value: unknown): string | undefined {
  return typeof value === 'number' || (typeof value === 'string' && value !== '')
    ? `Default: ${value}`
    : undefined;
}

/** A variant is called by its title, or by a description that is as short as one. */
function variantLabel({ title, description = '', properties }: FieldSchema, tag: string): string {
  const short = description.length <= LONGEST_LABEL ? description : '';
  return title || short || nameOf(String(properties?.[tag]?.const ?? ''));
}

const LONGEST_LABEL = 40;

function tagOf(variants: readonly FieldSchema[]): string {
  const names = Object.entries(variants[0]?.properties ?? {});
  return names.find(([, { const: constant }]) => constant !== undefined)?.[0] ?? 'type';
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

function chosen(schema: FieldSchema, text: string): unknown {
  return schema.enum?.find((value) => String(value) === text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
