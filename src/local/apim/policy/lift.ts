import { balancedEnd, ExpressionError } from '../expression/scan.ts';

/** An expression taken out of a `rawxml` document: its text with `@(`…`)` or `@{`…`}`, and where it stood. */
export interface LiftedExpression {
  readonly text: string;
  readonly start: number;
}

/** A document whose expressions are replaced by placeholders, so that the rest is XML. */
export interface Lifted {
  readonly xml: string;
  readonly expressions: readonly LiftedExpression[];
  /** The offset in the original document of an offset in `xml`. */
  source(offset: number): number;
}

const OPEN = '\uE000';
const CLOSE = '\uE001';
/** Characters that would make a document ambiguous with our placeholders. */
const RESERVED = /[\uE000\uE001]/;

/** A document that cannot even be split into XML and expressions. */
export class LiftError extends Error {
  override readonly name = 'LiftError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Raw policies are not XML: `value="@(a < b ? "x" : "y")"`. Expressions start right after an attribute's opening
 * quote or at the start of an element's text; C#'s own rules say where they end.
 */
export function liftExpressions(document: string): Lifted {
  const reserved = RESERVED.exec(document);
  if (reserved !== null) throw new LiftError('private-use characters are not allowed', reserved.index);
  const expressions: LiftedExpression[] = [];
  const edits: { at: number; width: number; start: number; length: number }[] = [];
  let xml = '';
  let copied = 0;
  const starts = /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|(?:=\s*["']|>\s*)(@[({])/g;
  for (let match = starts.exec(document); match !== null; match = starts.exec(document)) {
    if (match[1] === undefined) continue;
    const start = match.index + match[0].length - 2;
    const end = expressionEnd(document, start);
    const placeholder = `${OPEN}${expressions.length}${CLOSE}`;
    xml += document.slice(copied, start);
    edits.push({ at: xml.length, width: placeholder.length, start, length: end - start });
    xml += placeholder;
    expressions.push({ text: document.slice(start, end), start });
    copied = end;
    starts.lastIndex = end;
  }
  xml += document.slice(copied);
  const source = (offset: number): number => {
    let shift = 0;
    for (const edit of edits) {
      if (offset < edit.at) break;
      if (offset < edit.at + edit.width) return edit.start;
      shift += edit.length - edit.width;
    }
    return offset + shift;
  };
  return { xml, expressions, source };
}

/** A document whose expressions are XML-escaped already (`format: xml`): nothing to lift. */
export function liftNothing(document: string): Lifted {
  const reserved = RESERVED.exec(document);
  if (reserved !== null) throw new LiftError('private-use characters are not allowed', reserved.index);
  return { xml: document, expressions: [], source: (offset) => offset };
}

const PLACEHOLDER = new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'g');

/** Puts expressions back into a piece of parsed text; `start` is set when the piece is one expression. */
export function restoreExpressions(
  text: string,
  lifted: Lifted,
): { text: string; start: number | undefined } {
  const only = new RegExp(`^\\s*${OPEN}(\\d+)${CLOSE}\\s*$`).exec(text);
  const restored = text.replace(
    PLACEHOLDER,
    (_, index: string) => lifted.expressions[Number(index)]?.text ?? '',
  );
  return { text: restored, start: only === null ? undefined : lifted.expressions[Number(only[1])]?.start };
}

function expressionEnd(document: string, start: number): number {
  const rest = document.slice(start + 1);
  try {
    return start + 1 + balancedEnd(rest, 0);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    // At the document's end nothing is left to point at: the expression's start is what the author must look at.
    const offset = error.offset >= rest.length ? start : start + 1 + error.offset;
    throw new LiftError(error.message, offset);
  }
}
