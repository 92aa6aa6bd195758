import { useQuery } from '@tanstack/react-query';
import { connectionsQuery } from '#dashboard/app/api/connections.ts';
import { SelectField } from '#dashboard/app/components/field.tsx';
import { useForm } from '#dashboard/app/forms/form-context.ts';

/** The connection that a step uses; the way to a new one keeps the form, and whoever opens it stays signed in. */
export function ConnectionInput(props: {
  /** Of the field: with something before `connection_id`, that is the kind that fits. */
  readonly name: string;
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  readonly need: string | undefined;
  readonly value: unknown;
  readonly onValue: (value: unknown) => void;
}) {
  const { name, value, onValue, ...text } = props;
  const { connectionKinds } = useForm();
  const start = name.replace(/connection_id$/, '');
  const kinds = start === '' ? connectionKinds : [start];
  const connections = useQuery(connectionsQuery());
  const fitting = (connections.data ?? []).filter(
    ({ kind }) => !kinds || kinds.some((fitting) => kind.startsWith(fitting)),
  );
  const chosen = typeof value === 'string' ? value : '';
  const isUnknown = chosen !== '' && !fitting.some(({ id }) => id === chosen);
  const other = connections.data?.find(({ id }) => id === chosen)?.name ?? chosen;
  return (
    <SelectField
      {...text}
      help={
        <>
          {text.help}{' '}
          <a
            href={`/app/connections?${new URLSearchParams({ new: kinds?.[0] ?? '' })}`}
            target="_blank"
            rel="noopener opener"
          >
            Make one in a new tab
          </a>
        </>
      }
      choices={[
        { value: '', label: fitting.length === 0 ? 'No fitting connection yet' : 'None' },
        ...(isUnknown ? [{ value: chosen, label: other }] : []),
        ...fitting.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      value={chosen}
      onValue={(next) => onValue(next === '' ? undefined : next)}
    />
  );
}
