import { type ReactNode, type RefObject, useRef } from 'react';
import { controlClass, Field } from '#dashboard/app/components/field.tsx';
import { DataPicker } from '#dashboard/app/forms/data-picker.tsx';
import { useForm } from '#dashboard/app/forms/form-context.ts';
import { Preview } from '#dashboard/app/forms/preview.tsx';

type TextControl = HTMLInputElement | HTMLTextAreaElement;

/** Text that may hold placeholders: with the data picker and a preview of what they become. */
export function TemplateInput(props: {
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  readonly need?: string | undefined;
  readonly isLong?: boolean;
  readonly isCode?: boolean;
  readonly placeholder?: string | undefined;
  /** Beside the data picker. */
  readonly beside?: ReactNode;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const { label, help, error, need, isLong = false, isCode = false } = props;
  const { placeholder, beside, value, onValue } = props;
  const { scope } = useForm();
  const control = useRef<TextControl>(null);

  const insert = (text: string) => onValue(inserted(control.current, value, text));

  return (
    <Field
      label={label}
      help={help}
      error={error}
      need={need}
      aside={
        (scope || beside) && (
          <>
            {scope && <DataPicker label={label} scope={scope} onPick={insert} />}
            {beside}
          </>
        )
      }
    >
      {(ids) => (
        <>
          {isLong ? (
            <textarea
              {...ids}
              ref={control as RefObject<HTMLTextAreaElement>}
              className={controlClass(isCode)}
              placeholder={placeholder}
              value={value}
              spellCheck={!isCode}
              onChange={(event) => onValue(event.target.value)}
            />
          ) : (
            <input
              {...ids}
              ref={control as RefObject<HTMLInputElement>}
              className={controlClass(isCode)}
              placeholder={placeholder}
              value={value}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => onValue(event.target.value)}
            />
          )}
          <Preview value={value} isRefused={error !== undefined} />
        </>
      )}
    </Field>
  );
}

/** `value` with `text` where the cursor stands. */
export function inserted(control: TextControl | null, value: string, text: string): string {
  const from = control?.selectionStart ?? value.length;
  const to = control?.selectionEnd ?? from;
  return `${value.slice(0, from)}${text}${value.slice(to)}`;
}
