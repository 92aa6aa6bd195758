// The parts of HTML libraries that we use, typed by what we use of them: their own types want the
// whole DOM of a browser.

declare module 'linkedom' {
  /** An element, as far as reading a page needs it. */
  export type PageElement = {
    readonly localName: string;
    readonly nodeType: number;
    textContent: string;
    innerHTML: string;
    readonly children: Iterable<PageElement>;
    readonly childNodes: Iterable<PageElement>;
    readonly parentElement: PageElement | null;
    getAttribute(name: string): string | null;
    setAttribute(name: string, value: string): void;
    removeAttribute(name: string): void;
    hasAttribute(name: string): boolean;
    querySelector(selector: string): PageElement | null;
    querySelectorAll(selector: string): Iterable<PageElement>;
    closest(selector: string): PageElement | null;
    remove(): void;
    replaceWith(...nodes: PageElement[]): void;
  };
  export type PageDocument = PageElement & {
    readonly title: string;
    readonly documentElement: PageElement | null;
    readonly body: PageElement | null;
    readonly head: PageElement | null;
  };
  export function parseHTML(html: string): { readonly document: PageDocument };
}

declare module '@mozilla/readability' {
  import type { PageDocument } from 'linkedom';

  export class Readability {
    constructor(
      document: PageDocument,
      options: {
        keepClasses: boolean;
        charThreshold?: number;
      },
    );
    parse(): {
      readonly content: string | null;
      readonly length: number | null;
      readonly byline: string | null;
      readonly excerpt: string | null;
    } | null;
  }
}

// The build that brings no HTML parser of its own along.
declare module 'turndown/lib/turndown.browser.es.js' {
  import type { PageElement } from 'linkedom';

  class Turndown {
    constructor(options: Readonly<Record<string, string>>);
    addRule(
      name: string,
      rule: {
        filter: string | readonly string[] | ((node: PageElement) => boolean);
        replacement(content: string, node: PageElement): string;
      },
    ): this;
    remove(filter: readonly string[]): this;
    turndown(node: PageElement): string;
  }

  export = Turndown;
}
