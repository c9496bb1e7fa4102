/*
 * Remembers what a power cut would take: preloaded into the server, it journals every write to the files of an SQLite
 * database (what stood there before, and what was written), and every sync that ends. Whatever follows the last sync of
 * its file is not durable, and disk.rs undoes it after the server has been killed.
 *
 * UNSYNCED_JOURNAL names the journal. While the file exists that UNSYNCED_LIE names, syncs are not journalled: a disk
 * that lies.
 *
 * The index in shared memory (-shm) is no part of it; SQLite makes it anew after a crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE = 2, SYNC = 3 };

/* The head of an entry; the bytes that stood there and those that were written follow it. */
struct entry {
    uint64_t magic, kind, file, offset, old_size, old_length, new_length;
};

#define MAGIC 0x756e7379u
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* One for each file: what is written while a sync is on its way waits for it. */
static pthread_mutex_t locks[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

static int ends_with(const char *text, const char *end) {
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

/* 0 for the database, 1 for its write-ahead log, -1 for anything else. */
static int which(int fd) {
    char link[64] = "/proc/self/fd/", digits[16], path[4096];
    int at = 0, number = fd;
    if (fd < 0) return -1;
    do digits[at++] = (char)('0' + number % 10); while (number /= 10);
    size_t length = strlen(link);
    while (at) link[length++] = digits[--at];
    link[length] = 0;
    int saved = errno;
    ssize_t read = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (read < 0) return -1;
    path[read] = 0;
    return ends_with(path, ".db") ? 0 : ends_with(path, ".db-wal") ? 1 : -1;
}

static void append(struct entry entry, int fd, const void *written) {
    static int journal = -1;
    static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&opening);
    if (journal < 0) journal = open(getenv("UNSYNCED_JOURNAL"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pthread_mutex_unlock(&opening);

    size_t whole = sizeof entry + entry.old_length + entry.new_length;
    char *bytes = malloc(whole);
    if (journal < 0 || !bytes) abort();
    memcpy(bytes, &entry, sizeof entry);
    char *old = bytes + sizeof entry;
    if (entry.old_length && pread(fd, old, entry.old_length, (off_t)entry.offset) != (ssize_t)entry.old_length) abort();
    if (entry.new_length) memcpy(old + entry.old_length, written, entry.new_length);
    if (REAL(write)(journal, bytes, whole) != (ssize_t)whole) abort();
    free(bytes);
}

static uint64_t size_of(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0) abort();
    return (uint64_t)status.st_size;
}

static void remember_write(int file, int fd, const void *bytes, size_t count, uint64_t offset) {
    uint64_t size = size_of(fd), there = offset < size ? size - offset : 0;
    struct entry entry = {MAGIC, WRITE, (uint64_t)file, offset, size, there < count ? there : count, count};
    append(entry, fd, bytes);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    int file = which(fd);
    if (file < 0) return REAL(write)(fd, bytes, count);
    pthread_mutex_lock(&locks[file]);
    remember_write(file, fd, bytes, count, (uint64_t)lseek(fd, 0, SEEK_CUR));
    ssize_t result = REAL(write)(fd, bytes, count);
    pthread_mutex_unlock(&locks[file]);
    return result;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    int file = which(fd);
    if (file < 0) return REAL(pwrite64)(fd, bytes, count, offset);
    pthread_mutex_lock(&locks[file]);
    remember_write(file, fd, bytes, count, (uint64_t)offset);
    ssize_t result = REAL(pwrite64)(fd, bytes, count, offset);
    pthread_mutex_unlock(&locks[file]);
    return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return pwrite64(fd, bytes, count, offset);
}

int ftruncate64(int fd, off64_t length) {
    int file = which(fd);
    if (file < 0) return REAL(ftruncate64)(fd, length);
    pthread_mutex_lock(&locks[file]);
    uint64_t size = size_of(fd), kept = (uint64_t)length;
    struct entry entry = {MAGIC, TRUNCATE, (uint64_t)file, kept, size, kept < size ? size - kept : 0, 0};
    append(entry, fd, NULL);
    int result = REAL(ftruncate64)(fd, length);
    pthread_mutex_unlock(&locks[file]);
    return result;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int sync_with(int (*real)(int), int fd) {
    int file = which(fd);
    if (file < 0) return real(fd);
    pthread_mutex_lock(&locks[file]);
    int result = real(fd);
    const char *lie = getenv("UNSYNCED_LIE");
    if (result == 0 && !(lie && access(lie, F_OK) == 0)) {
        struct entry entry = {MAGIC, SYNC, (uint64_t)file, 0, 0, 0, 0};
        append(entry, fd, NULL);
    }
    pthread_mutex_unlock(&locks[file]);
    return result;
}

int fsync(int fd) { return sync_with(REAL(fsync), fd); }

int fdatasync(int fd) { return sync_with(REAL(fdatasync), fd); }
