// Packs the built console for the program: each file compressed, and a C source with the table that
// src/console/files.h declares, which takes the bytes in by .incbin.
//
//   node console/tools/pack.mjs DIST OUT_FOLDER     writes OUT_FOLDER/files.c and OUT_FOLDER/*.bin
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

const BYTES_MAX = 1_500_000; // of all files, compressed
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const [dist, out] = process.argv.slice(2);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(dist, join(entry.parentPath ?? entry.path, entry.name)))
  .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

let total = 0;
const blobs = [];
const rows = [];
files.forEach((path, index) => {
  const type = TYPES[extname(path)];
  if (!type) {
    throw new Error(`console/tools/pack.mjs: no content type for ${path}`);
  }
  const bytes = gzipSync(readFileSync(join(dist, path)), { level: 9 });
  total += bytes.length;
  const blob = join(out, `${index}.bin`);
  writeFileSync(blob, bytes);
  const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 20);
  blobs.push(`BLOB(${index}, "${blob}")`);
  rows.push(`    {STR_OF("${path}"), STR_OF("${type}"), STR_OF("\\"${etag}\\""), ` +
    `${path.startsWith('assets/')}, true, blob_${index}, blob_${index}_end},`);
});
if (total > BYTES_MAX) {
  throw new Error(`the console has ${total} bytes compressed, more than ${BYTES_MAX}`);
}

writeFileSync(join(out, 'files.c'), `/* Made by console/tools/pack.mjs. */
#include "console/files.h"

#define STR_OF(text) {text, sizeof(text) - 1}
#define BLOB(n, file)                                                     \\
    __asm__(".section .rodata\\n.balign 16\\nblob_" #n ":\\n.incbin \\"" file \\
            "\\"\\nblob_" #n "_end:\\n.byte 0\\n.previous");                  \\
    extern const unsigned char blob_##n[] __asm__("blob_" #n);            \\
    extern const unsigned char blob_##n##_end[] __asm__("blob_" #n "_end");

${blobs.join('\n')}

static const console_file files[] = {
${rows.join('\n')}
};

const console_file *console_files(size_t *ret_count)
{
    *ret_count = sizeof(files) / sizeof(files[0]);
    return files;
}
`);
console.log(`console: ${files.length} files, ${total} bytes compressed`);
