// The C library's descriptors: open, stat, links, directories, offsets, times, polling, sleeping.

#define _GNU_SOURCE
// The checks are the program.
#undef NDEBUG
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int entries(const char *path) {
    DIR *dir = opendir(path);
    assert(dir);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    rewinddir(dir);
    assert(readdir(dir));
    assert(!closedir(dir));
    return count;
}

int main(void) {
    struct stat stat1, stat2;
    assert(!mkdir("/d", 0777) && mkdir("/d", 0777) == -1 && errno == EEXIST);
    assert(!chdir("/d"));
    int fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0666);
    assert(fd > 3);
    struct iovec pieces[3] = {{"one ", 4}, {"", 0}, {"two", 3}};
    assert(writev(fd, pieces, 3) == 7);
    assert(pwrite(fd, "TWO", 3, 4) == 3 && lseek(fd, 0, SEEK_CUR) == 7);
    char buffer[16] = {0};
    assert(pread(fd, buffer, 15, 2) == 5 && !strcmp(buffer, "e TWO"));
    assert(!ftruncate(fd, 3) && !fstat(fd, &stat1) && stat1.st_size == 3 && S_ISREG(stat1.st_mode));
    assert(lseek(fd, -1, SEEK_SET) == -1 && errno == EINVAL);
    assert(!symlink("file", "link") && !link("file", "hard"));
    assert(!stat("link", &stat2) && stat2.st_ino == stat1.st_ino && stat2.st_nlink == 2);
    assert(!lstat("link", &stat2) && S_ISLNK(stat2.st_mode));
    assert(readlink("link", buffer, sizeof buffer) == 4 && !memcmp(buffer, "file", 4));
    struct timespec times[2] = {{1000, 7}, {2000, 9}};
    assert(!futimens(fd, times) && !fstat(fd, &stat1) && stat1.st_mtim.tv_sec == 2000 && stat1.st_mtim.tv_nsec == 9);
    assert(!fsync(fd) && !fdatasync(fd));
    assert(entries("/d") == 3);
    assert(!access("file", R_OK) && access("missing", F_OK) == -1);
    assert(open("link", O_RDONLY | O_NOFOLLOW) == -1 && errno == ELOOP);
    assert(open("file", O_RDONLY | O_DIRECTORY) == -1 && errno == ENOTDIR);
    assert(open("/", O_WRONLY) == -1 && errno == EISDIR);
    int flags = fcntl(fd, F_GETFL);
    assert((flags & O_ACCMODE) == O_RDWR && !(flags & O_APPEND));
    assert(!fcntl(fd, F_SETFL, O_APPEND) && write(fd, "!", 1) == 1 && !fstat(fd, &stat1) && stat1.st_size == 4);
    struct pollfd polled = {.fd = fd, .events = POLLIN | POLLOUT};
    assert(poll(&polled, 1, -1) == 1 && polled.revents & POLLIN && polled.revents & POLLOUT);
    assert(!close(fd) && close(fd) == -1 && errno == EBADF);
    struct timespec before, after, wait = {0, 2000000};
    assert(!clock_gettime(CLOCK_MONOTONIC, &before) && !nanosleep(&wait, 0) && !clock_gettime(CLOCK_MONOTONIC, &after));
    assert((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 2000000);
    unsigned char random[300] = {0};
    assert(getentropy(random, 256) == 0 && random[256] == 0 && getentropy(random, 257) == -1);
    assert(rmdir("/d") == -1 && errno == ENOTEMPTY);
    assert(!unlink("file") && !unlink("link") && !unlink("hard") && !rmdir("/d"));
    return 0;
}
