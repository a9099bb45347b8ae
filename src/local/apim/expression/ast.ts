/** The syntax tree of the C# subset that policies are written in. `at` is an offset in the expression's text. */
export type Expr =
  | { kind: 'literal'; at: number; value: Literal }
  | { kind: 'name'; at: number; name: string }
  | { kind: 'member'; at: number; target: Expr; name: string; conditional: boolean }
  | { kind: 'call'; at: number; callee: Expr; typeArguments: readonly string[]; args: readonly Expr[] }
  | { kind: 'index'; at: number; target: Expr; args: readonly Expr[]; conditional: boolean }
  | { kind: 'unary'; at: number; operator: '!' | '-' | '+'; operand: Expr }
  | { kind: 'binary'; at: number; operator: BinaryOperator; left: Expr; right: Expr }
  | { kind: 'conditional'; at: number; test: Expr; whenTrue: Expr; whenFalse: Expr }
  | { kind: 'cast'; at: number; type: string; operand: Expr }
  | { kind: 'type-test'; at: number; operator: 'is' | 'as'; type: string; operand: Expr }
  | { kind: 'lambda'; at: number; parameters: readonly string[]; body: Expr }
  | { kind: 'interpolated'; at: number; parts: readonly (string | Expr)[] }
  | { kind: 'new'; at: number; type: string; args: readonly Expr[] }
  | { kind: 'array'; at: number; elementType: string | undefined; items: readonly Expr[] };

/** `char` and `double` need a mark of their own: JavaScript knows neither. */
export type Literal =
  | { type: 'string' | 'char'; value: string }
  | { type: 'int' | 'double'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'null'; value: null };

export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<'
  | '>'
  | '<='
  | '>='
  | '=='
  | '!='
  | '&&'
  | '||'
  | '??';

export type Statement =
  | { kind: 'declare'; at: number; type: string | undefined; name: string; value: Expr }
  | { kind: 'assign'; at: number; name: string; value: Expr }
  | { kind: 'if'; at: number; test: Expr; then: readonly Statement[]; otherwise: readonly Statement[] }
  | { kind: 'foreach'; at: number; name: string; source: Expr; body: readonly Statement[] }
  | { kind: 'return'; at: number; value: Expr };

/** A parsed policy expression: `@(expression)` or `@{ statements }`. */
export type Program = { kind: 'expression'; body: Expr } | { kind: 'block'; body: readonly Statement[] };
