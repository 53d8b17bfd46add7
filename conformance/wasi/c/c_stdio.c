// The C library's streams: reading, writing, formatting, seeking, appending, temporary and missing files.

// The checks are the program.
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    assert(argc == 4 && !strcmp(argv[0], "wasi") && !strcmp(argv[2], "") && !strcmp(argv[3], "three words"));
    assert(!strcmp(getenv("A"), "1") && !strcmp(getenv("EMPTY"), "") && !getenv("MISSING"));
    char line[100];
    assert(fgets(line, sizeof line, stdin) && !strcmp(line, "lines of input\n"));
    assert(!fgets(line, sizeof line, stdin) && feof(stdin));

    FILE *file = fopen("/file", "w+");
    assert(file);
    for (int i = 0; i < 3000; i++)
        fprintf(file, "%04d %8.3f\n", i, i / 7.0);
    assert(ftell(file) == 3000 * 14);
    assert(!fseek(file, 14 * 2999, SEEK_SET));
    int number;
    double quotient;
    assert(fscanf(file, "%d %lf", &number, &quotient) == 2 && number == 2999 && quotient > 428.4 && quotient < 428.5);
    assert(!fseek(file, -14, SEEK_END) && fgets(line, sizeof line, file) && !strncmp(line, "2999", 4));
    assert(!fclose(file));

    assert((file = fopen("/file", "a")) && fputs("end\n", file) >= 0 && !fclose(file));
    assert((file = fopen("/file", "r")) && !fseek(file, 0, SEEK_END) && ftell(file) == 3000 * 14 + 4);
    assert(fputc('x', file) == EOF);
    assert(!fclose(file));
    assert(!rename("/file", "/renamed"));
    assert(!fopen("/file", "r") && errno == ENOENT);
    assert(!fopen("/../file", "r"));
    assert((file = fopen("/renamed", "w")) && !fclose(file));
    assert((file = fopen("/renamed", "r")) && fgetc(file) == EOF && !fclose(file));
    assert(!remove("/renamed") && remove("/renamed") && errno == ENOENT);
    printf("%d %s %x %.2e\n", 42, "text", 255, 12345.678);
    fprintf(stderr, "to standard error\n");
    return fflush(stdout) ? 1 : 5;
}
