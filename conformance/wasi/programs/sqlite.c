// A shell of SQLite: statements on standard input, a line for each row. The database is the file that is named.

#include "sqlite3.h"
#include <stdio.h>
#include <stdlib.h>

static int row(void *unused, int count, char **values, char **names) {
    (void)unused, (void)names;
    for (int i = 0; i < count; i++)
        printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
    putchar('\n');
    return 0;
}

int main(int argc, char **argv) {
    static char text[1 << 20];
    text[fread(text, 1, sizeof text - 1, stdin)] = 0;
    sqlite3 *database;
    char *message = 0;
    if (sqlite3_open(argc > 1 ? argv[1] : ":memory:", &database) || sqlite3_exec(database, text, row, 0, &message)) {
        printf("error: %s\n", message ? message : sqlite3_errmsg(database));
        return 1;
    }
    return sqlite3_close(database);
}
