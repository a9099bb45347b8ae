import { SaxesParser } from 'saxes';
import { LiftError, type Lifted, liftExpressions, liftNothing, restoreExpressions } from './lift.ts';
import { PolicyError, positionOf } from './policy-error.ts';

/** A piece of a policy document's text and where its expression, if it is one, starts in the document. */
export interface PolicyText {
  readonly text: string;
  /** Offset of `@(` or `@{` in the document; undefined when not known exactly. */
  readonly start: number | undefined;
}

/** An element of a policy document. */
export interface PolicyNode {
  readonly name: string;
  /** Offset of the first letter of the element's name in the document. */
  readonly offset: number;
  readonly attributes: ReadonlyMap<string, PolicyText>;
  readonly children: readonly PolicyNode[];
  /** All text directly inside the element. */
  readonly content: PolicyText;
  /** Comments and elements in their order, for printing. */
  readonly items: readonly (PolicyNode | { readonly comment: string })[];
}

/** How a policy document is written: expressions raw, or escaped as XML demands. */
export type PolicyFormat = 'xml' | 'rawxml';

/** Deeper documents are refused before they cost anything. */
const MAX_DEPTH = 64;

interface Draft {
  name: string;
  offset: number;
  attributes: Map<string, PolicyText>;
  children: PolicyNode[];
  items: (PolicyNode | { comment: string })[];
  text: string;
}

/**
 * The root element of a policy document.
 *
 * @throws PolicyError at the first place where it is not well-formed
 */
export function parsePolicy(document: string, format: PolicyFormat): PolicyNode {
  const lifted = liftOrRefuse(document, format);
  const parser = new SaxesParser({ position: true });
  const open: Draft[] = [];
  let root: PolicyNode | undefined;
  let closed: string | undefined;
  const fail = (reason: string, element?: string): never => {
    const at = positionOf(document, lifted.source(Math.min(parser.position, lifted.xml.length)));
    throw new PolicyError(element ?? open.at(-1)?.name ?? 'policies', at, reason);
  };
  // A mismatched end tag is reported when the element it leaves open is closed already.
  parser.on('error', ({ message }) =>
    fail(message.replace(/^(?:.*?:)?\d+:\d+: /, ''), message.includes('close tag') ? closed : undefined),
  );
  parser.on('doctype', () => fail('a document type declaration is not allowed'));
  parser.on('opentagstart', (tag) => {
    if (open.length >= MAX_DEPTH) fail('elements are nested too deeply', tag.name);
    const offset = lifted.source(lifted.xml.lastIndexOf('<', parser.position - 1) + 1);
    open.push({ name: tag.name, offset, attributes: new Map(), children: [], items: [], text: '' });
  });
  parser.on('attribute', (attribute) => {
    open.at(-1)?.attributes.set(attribute.name, restoreExpressions(attribute.value, lifted));
  });
  const addText = (text: string): void => {
    const current = open.at(-1);
    if (current !== undefined) current.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('comment', (comment) => {
    open.at(-1)?.items.push({ comment: restoreExpressions(comment, lifted).text });
  });
  parser.on('closetag', () => {
    const draft = open.pop();
    if (draft === undefined) return;
    closed = draft.name;
    const node = finish(draft, lifted);
    const parent = open.at(-1);
    if (parent === undefined) root = node;
    else {
      parent.children.push(node);
      parent.items.push(node);
    }
  });
  parser.write(lifted.xml).close();
  return root ?? fail('the document is empty');
}

function finish(draft: Draft, lifted: Lifted): PolicyNode {
  const { text, ...rest } = draft;
  return { ...rest, content: restoreExpressions(text, lifted) };
}

function liftOrRefuse(document: string, format: PolicyFormat): Lifted {
  try {
    return format === 'rawxml' ? liftExpressions(document) : liftNothing(document);
  } catch (error) {
    if (!(error instanceof LiftError)) throw error;
    const before = document.slice(0, error.offset);
    const element = [...before.matchAll(/<([A-Za-z][\w.-]*)/g)].at(-1)?.[1] ?? 'policies';
    throw new PolicyError(element, positionOf(document, error.offset), error.message);
  }
}
