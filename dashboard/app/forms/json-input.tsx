import { type ReactNode, useEffect, useRef, useState } from 'react';
import { TemplateInput } from '#dashboard/app/forms/text-input.tsx';

/** JSON, or plain text where it is none: what people type becomes an object when it is one. */
export function JsonInput(props: {
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  readonly need?: string | undefined;
  readonly placeholder?: string | undefined;
  /** Beside the data picker. */
  readonly beside?: ReactNode;
  readonly value: unknown;
  readonly onValue: (value: unknown) => void;
}) {
  const { value, onValue, ...rest } = props;
  const [text, setText] = useState(() => textOf(value));
  const told = useRef(value);
  // A change from outside, such as an undo, replaces what was typed.
  useEffect(() => {
    if (JSON.stringify(told.current) === JSON.stringify(value)) return;
    told.current = value;
    setText(textOf(value));
  }, [value]);
  return (
    <TemplateInput
      {...rest}
      isLong
      isCode
      value={text}
      onValue={(next) => {
        setText(next);
        told.current = readValue(next);
        onValue(told.current);
      }}
    />
  );
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function readValue(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
