import { SelectField } from '#dashboard/app/components/field.tsx';
import { ConnectionInput } from '#dashboard/app/forms/connection-input.tsx';
import styles from '#dashboard/app/forms/fields.module.css';
import { useForm } from '#dashboard/app/forms/form-context.ts';
import { isObject } from '#dashboard/app/forms/json-text.ts';
import {
  type Definitions,
  type FieldSchema,
  fieldKind,
  fieldLabel,
  follow,
  startValue,
} from '#dashboard/app/forms/schema.ts';
import { type DrawnField, inputs, SecretInput } from '#dashboard/app/forms/schema-inputs.tsx';
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
  const { name, schema, path } = props;
  const { isSecret } = useForm();
  const field = useDrawn(props);
  const { text, value, onValue } = field;
  if (name.endsWith('connection_id')) {
    return <ConnectionInput name={name} value={value} onValue={onValue} {...text} />;
  }
  // There is nothing to choose.
  if (schema.const !== undefined) return null;
  const drawn = fieldKind(schema, name);
  const kind = drawn === 'long-text' && Array.isArray(value) ? 'texts' : drawn;
  switch (kind) {
    case 'steps':
      return null;
    case 'group':
      return <GroupFields {...props} label={text.label} value={value} onValue={onValue} />;
    case 'variants':
      return <VariantFields {...props} />;
    default: {
      const isText = kind === 'text' || kind === 'long-text';
      const Input = isText && isSecret?.(path) ? SecretInput : inputs[kind];
      return <Input {...field} />;
    }
  }
}

function useDrawn(props: SchemaFieldProps): DrawnField {
  const { schema, path, isRequired } = props;
  const { problemAt, needAt } = useForm();
  const error = problemAt(path);
  const isOptional = !isRequired && schema.default === undefined && error === undefined;
  const text = {
    label: fieldLabel(path, schema),
    help: wordsOf(path).help ?? withoutNames(schema.description ?? ''),
    error,
    need: needAt?.(path) ?? (isOptional ? 'optional' : undefined),
  };
  return { schema, path, isRequired, text, ...whereEmptyIsNull(props) };
}

/** The fields of an object inside of another. */
function GroupFields(props: SchemaFieldProps & { readonly label: string }) {
  const { label, schema, definitions, path, value, onValue } = props;
  return (
    <fieldset className={styles['group']}>
      <legend>{label}</legend>
      <SchemaFields
        {...{ schema, definitions, path, onValue }}
        value={isObject(value) ? value : {}}
      />
    </fieldset>
  );
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
