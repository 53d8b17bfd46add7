// A compressor: zstd of standard input at a level, or back with -d.

#include "zstd.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    size_t room = 1 << 26, length, done;
    char *in = malloc(room), *out = malloc(room);
    if (!in || !out)
        return 2;
    length = fread(in, 1, room, stdin);
    if (argc > 1 && !strcmp(argv[1], "-d"))
        done = ZSTD_decompress(out, room, in, length);
    else
        done = ZSTD_compress(out, room, in, length, argc > 1 ? atoi(argv[1]) : 3);
    if (ZSTD_isError(done)) {
        fprintf(stderr, "zstd: %s\n", ZSTD_getErrorName(done));
        return 1;
    }
    return fwrite(out, 1, done, stdout) != done;
}
