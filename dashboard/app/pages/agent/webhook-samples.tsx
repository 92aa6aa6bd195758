import { useState } from 'react';
import { CodeBlock } from '#dashboard/app/components/code-block.tsx';
import { Segments } from '#dashboard/app/components/toolbar.tsx';
import styles from '#dashboard/app/pages/agent/agent.module.css';
import { sampleFor, samplesIn } from '#dashboard/app/pages/agent/webhook-code.ts';
import guide from '../../../../docs/guides/webhook-security.md?raw';

const languages: Readonly<Record<string, string>> = {
  bash: 'curl',
  js: 'JavaScript',
  python: 'Python',
};

/** How to call a webhook, to be copied; the samples are those of the guide. */
export function WebhookSamples(props: {
  readonly url: string;
  readonly scheme: Parameters<typeof samplesIn>[1];
  /** While it may be shown. */
  readonly secret: string | undefined;
  /** What the samples send. */
  readonly payload: unknown;
}) {
  const { url, scheme, secret, payload } = props;
  const [language, setLanguage] = useState('bash');
  const samples = samplesIn(guide, scheme);
  const shown = samples.find((sample) => sample.language === language) ?? samples[0];
  if (!shown) return null;
  const choices = samples.map(({ language: value }) => ({
    value,
    label: languages[value] ?? value,
  }));
  return (
    <div>
      <div className={styles['codeHead']}>
        <h3>{scheme === 'secret' || scheme === 'none' ? 'Call it' : 'Sign and call it'}</h3>
        {samples.length > 1 && (
          <Segments
            isSmall
            label="Language"
            choices={choices}
            value={shown.language}
            onValue={setLanguage}
          />
        )}
      </div>
      <CodeBlock
        label={`${languages[shown.language] ?? shown.language} sample`}
        code={sampleFor(shown, { url, secret, payload }).trimEnd()}
      />
      {shown.language !== 'bash' && scheme !== 'none' && (
        <p className={styles['hint']}>
          The secret is read from <code>WEBHOOK_SECRET</code> in its environment.
        </p>
      )}
    </div>
  );
}
