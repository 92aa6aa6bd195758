/** Which connections suit a type of step, by the start of their kinds; the first suits best. */
const fitting: Readonly<Record<string, readonly string[]>> = {
  http: ['http_'],
  slack: ['slack_'],
  email: ['ses_', 'resend', 'sendgrid'],
  google_sheets: ['google_'],
  youtube: ['google_oauth'],
  run_agent: ['openai_'],
};

/** The kinds that suit steps of these types; any for types that are not listed. */
export function kindsFor(types: readonly string[]): readonly string[] {
  const kinds = types.flatMap((type) => fitting[type] ?? []);
  return kinds.length > 0 ? kinds : [''];
}
