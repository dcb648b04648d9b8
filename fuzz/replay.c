/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds files, and all files of folders, to a fuzz target: so seeds and what a fuzzer once found run as ordinary tests.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stop(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(2);
}

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        stop(path);
    long bytes = ftell(file);
    rewind(file);
    /* of exactly this size, so that a sanitizer sees a read behind it */
    uint8_t *data = bytes < 0 ? NULL : malloc((size_t)bytes + (bytes == 0));
    if (data == NULL || fread(data, 1, (size_t)bytes, file) != (size_t)bytes)
        stop(path);
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)bytes);
    free(data);
}

static size_t replay_folder(DIR *folder, const char *path)
{
    size_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) >= (int)sizeof name) {
            errno = ENAMETOOLONG;
            stop(path);
        }
        replay_file(name);
        count++;
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder != NULL) {
            count += replay_folder(folder, argv[i]);
        } else {
            replay_file(argv[i]);
            count++;
        }
    }
    printf("%zu inputs\n", count);
    return count == 0;
}
