/** What a field is called, and what is said of it, where the API's own words are for programmers. */
export type FieldWords = {
  readonly label?: string;
  readonly help?: string;
  /** What its choices are called. */
  readonly choices?: Readonly<Record<string, string>>;
};

/** Keys are the last names of a field's path: two where one does not say which field is meant. */
const words: Readonly<Record<string, FieldWords>> = {
  id: { label: 'ID' },
  to: { label: 'To' },
  cc: { label: 'Cc' },
  url: { label: 'URL' },
  actions: { label: 'Steps' },
  api_key: { label: 'API key' },
  username: { label: 'User name' },
  agent_name: { label: 'Agent', help: 'Which built-in agent works.' },
  'config.template_id': { label: 'Template of the provider' },
  'config.template_data': { label: 'Values for the template' },
  'config.seconds': { label: 'Wait for' },
  'config.until': {
    label: 'Or wait until',
    help: 'Instead of a duration: a time with its zone, such as 2027-01-31T09:00:00Z.',
  },
  'config.timeout_seconds': {
    label: 'Time to decide',
    help: 'What happens when nobody decided by then is said below.',
  },
  on_timeout: {
    label: 'If nobody decides in time',
    choices: { reject: 'It counts as rejected', approve: 'It counts as approved' },
  },
  items: { label: 'List' },
  concurrency: {
    label: 'Items at once',
    help: 'More than 1 only without approvals and delays inside.',
  },
  max_items: { label: 'Most items' },
  value_input: {
    label: 'How texts are stored',
    help: 'As if typed, data may become a date, or a formula.',
    choices: { raw: 'As they are', user_entered: 'As if typed' },
  },
  operation: {
    choices: {
      append_row: 'Add rows',
      update_cell: 'Overwrite cells',
      upload_video: 'Upload a video',
    },
  },
  google_oauth: { label: 'Google account' },
  body_base64: { label: 'Bytes (base64)' },
  auth: { label: 'Credential' },
  'trigger_config.auth': { label: 'How callers prove themselves' },
  timezone: { label: 'Time zone' },
  expect_status: { label: 'Expected status' },
  max_cost: { label: 'Most it may cost (US dollars)' },
  publish_at: {
    label: 'To be published at',
    help: 'When a private video becomes public: a time with its zone, such as 2027-01-31T09:00:00Z.',
  },
  max_characters: { label: 'Most characters' },
  max_words: { label: 'Most words' },
  allow_partial: { label: 'Accept incomplete answers' },
  link_minutes: { label: 'Minutes that the link works' },
  contains: { label: 'Must contain' },
  lacks: { label: 'Must not contain' },
  max_latency_ms: { label: 'Longest answer time (milliseconds)' },
  min_tls_days: { label: 'Days the certificate must be valid' },
  watch_changes: { label: 'Watch for changes' },
  timeout_seconds: { label: 'Time limit', help: 'One attempt is ended after this time.' },
  retry: { label: 'Retries', help: 'When and how often a step is tried again.' },
  max_attempts: { label: 'Attempts' },
  initial_delay_seconds: { label: 'First wait' },
  backoff_rate: { label: 'Growth of the wait' },
  max_delay_seconds: { label: 'Longest wait' },
  on_error: {
    label: 'If the step fails for good',
    help: 'What becomes of the run then.',
    choices: { fail: 'The run fails', continue: 'The run goes on' },
  },
  approval_required: {
    label: 'Ask for approval first',
    help: 'The same as an approval step before this one.',
  },
  max_run_seconds: {
    label: 'Longest run',
    help: 'A run that worked for so long is ended; waiting does not count.',
  },
  max_concurrent_runs: {
    label: 'Runs at once',
    help: 'Further runs wait. Left empty: as many as the plan has.',
  },
  webhook_rate_per_minute: {
    label: 'Webhook calls a minute',
    help: 'Further calls are refused.',
  },
  catch_up: {
    label: 'Scheduled times that were missed',
    help: 'What runs of the times that passed while nothing could run.',
    choices: { latest: 'Only the latest', all: 'All of the last day', none: 'None' },
  },
  dedupe_window_seconds: {
    label: 'Repeats are recognised for',
    help: 'A call that says it is a repeat (Idempotency-Key) starts nothing for this time.',
  },
  log_retention_days: { label: 'Days that runs are kept' },
  alert: { label: 'Alerts' },
  after_consecutive_failures: {
    label: 'After so many failures in a row',
    help: 'You are told once. Left empty: never.',
  },
  absence_hours: {
    label: 'After so many hours without a success',
    help: 'You are told once. Left empty: never.',
  },
  slack_connection_id: { label: 'Slack connection' },
  connection_id: { label: 'Connection' },
  'alert.email': {
    label: 'E-mail address',
    help: 'Left empty: the address that you sign in with, which is the only one on the free plan.',
  },
  client_auth: {
    label: 'How the client proves itself',
    choices: { basic: 'In a header', body: 'In the body' },
  },
  input_price: { help: 'What a million tokens that a model reads cost there, in US dollars.' },
};

/** What to say of a field. @param path its JSON path, or its name. */
export function wordsOf(path: string): FieldWords {
  const names = namesIn(path);
  return words[names.slice(-2).join('.')] ?? words[names.at(-1) ?? ''] ?? {};
}

/**
 * A field's name for people: `config.to[0]` becomes "To 1".
 *
 * @param path its JSON path, or its name
 */
export function nameOf(path: string): string {
  const place = /\[(\d+)\]$/.exec(path)?.[1];
  const label = wordsOf(path).label ?? spelledOut(namesIn(path).at(-1) ?? path);
  return place === undefined ? label : `${label} ${Number(place) + 1}`;
}

/** Placeholders, and names of several words that are not part of anything: of an address, a path, a quotation. */
const NAMES = /\{\{.*?\}\}|(?<![\w."'/@-])[a-z]+(?:_[a-z]+)+(?![\w"'/@-]|\.\w)/g;

/** A text without the names that the API has for fields and kinds; what stands in placeholders is meant to be typed. */
export function withoutNames(text: string): string {
  return text.replace(NAMES, (name) => (name.startsWith('{{') ? name : `“${nameOf(name)}”`));
}

/** A refusal's message in words for people. */
export function messageInWords(message: string): string {
  if (message.startsWith('There is no such field')) return message;
  const plain = message
    .replace(
      /^(This field is missing\. Give a list|This must have at least 1 entry)\.$/,
      'Give at least one.',
    )
    .replace(
      /^(This field is missing\. Give a text|This must have at least 1 character)\.$/,
      'Fill this in.',
    )
    .replace(/^This field is missing\. Give /, 'Fill this in: ');
  return withoutNames(plain);
}

function namesIn(path: string): readonly string[] {
  return path.replaceAll(/\[\d+\]/g, '').split('.');
}

function spelledOut(name: string): string {
  const text = name
    .replaceAll('_', ' ')
    .replace(/\burl\b/g, 'URL')
    .replace(/\bid\b/g, 'ID');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
