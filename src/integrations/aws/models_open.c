/* Opening the file and checking it: after the digest, every number in it that says where something
 * is. What was checked here is believed everywhere else. */
#include "integrations/aws/models_file.h"

#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT_VERSION 2
#define DIGEST_OFFSET 16
#define DIGEST_BYTES 32
#define CONTENT_OFFSET (DIGEST_OFFSET + DIGEST_BYTES) /* what the digest is of */
#define TABLE_OFFSET (CONTENT_OFFSET + 8)
#define HEADER_BYTES (TABLE_OFFSET + 8 * MODELS_SECTIONS)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file is little endian");

static const size_t record_sizes[MODELS_SECTIONS] = {
    [MODELS_SERVICES] = sizeof(models_service),
    [MODELS_OPERATIONS] = sizeof(models_operation),
    [MODELS_EXTRAS] = sizeof(models_extras),
    [MODELS_SHAPES] = sizeof(models_shape),
    [MODELS_MEMBERS] = sizeof(models_member),
    [MODELS_MEMBER_EXTRAS] = sizeof(uint32_t),
    [MODELS_CONSTRAINTS] = sizeof(models_constraint),
    [MODELS_TEXTS] = sizeof(uint32_t),
    [MODELS_ERRORS] = sizeof(models_error),
    [MODELS_PARTITIONS] = sizeof(models_partition),
    [MODELS_ENDPOINTS] = sizeof(models_endpoint),
    [MODELS_STRINGS] = 1,
};

static uint32_t number_at(const char *bytes, size_t offset)
{
    uint32_t number;
    memcpy(&number, bytes + offset, sizeof(number));
    return number;
}

static bool is_str(const aws_models *m, uint32_t offset)
{
    uint32_t size = m->counts[MODELS_STRINGS];
    return size >= 2 && offset <= size - 2 && models_str(m, offset).len <= size - 2 - offset;
}

static bool are_strs(const aws_models *m, const uint32_t *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_str(m, offsets[i])) {
            return false;
        }
    }
    return true;
}

static bool is_run(const aws_models *m, int section, uint32_t begin, uint32_t count)
{
    return begin <= m->counts[section] && count <= m->counts[section] - begin;
}

static bool is_index(const aws_models *m, int section, uint32_t index)
{
    return index < m->counts[section];
}

static bool is_shape_or_none(const aws_models *m, uint32_t index)
{
    return index == MODELS_NONE || is_index(m, MODELS_SHAPES, index);
}

static bool is_structure_or_none(const aws_models *m, uint32_t index)
{
    return index == MODELS_NONE ||
           (is_index(m, MODELS_SHAPES, index) && m->shapes[index].type == AWS_STRUCTURE);
}

static bool check_services(const aws_models *m)
{
    for (uint32_t i = 0; i < m->counts[MODELS_SERVICES]; i++) {
        const models_service *s = &m->services[i];
        if (!are_strs(m, &s->sdk_name, 9) || s->protocol > AWS_PROTOCOL_CBOR ||
            !is_run(m, MODELS_OPERATIONS, s->operations, s->operation_count) ||
            !is_run(m, MODELS_ERRORS, s->errors, s->error_count) ||
            !is_run(m, MODELS_ENDPOINTS, s->endpoints, s->endpoint_count)) {
            return false;
        }
    }
    return true;
}

static bool check_operations(const aws_models *m)
{
    for (uint32_t i = 0; i < m->counts[MODELS_OPERATIONS]; i++) {
        const models_operation *o = &m->operations[i];
        if (!are_strs(m, &o->action, 3) || o->method > 6 || !is_structure_or_none(m, o->input) ||
            !is_structure_or_none(m, o->output) || !is_index(m, MODELS_EXTRAS, o->extras)) {
            return false;
        }
    }
    return are_strs(m, (const uint32_t *)m->extras,
                    (size_t)m->counts[MODELS_EXTRAS] * (sizeof(models_extras) / 4));
}

/* A list has one part and a map two; a map's keys are texts. */
static bool check_shapes(const aws_models *m)
{
    for (uint32_t i = 0; i < m->counts[MODELS_SHAPES]; i++) {
        const models_shape *s = &m->shapes[i];
        uint32_t parts = s->type == AWS_LIST ? 1 : s->type == AWS_MAP ? 2 : 0;
        if (s->type > AWS_BLOB || !is_run(m, MODELS_MEMBERS, s->members, s->member_count) ||
            (s->type != AWS_STRUCTURE && s->member_count != parts) ||
            (s->constraint != MODELS_NONE && !is_index(m, MODELS_CONSTRAINTS, s->constraint))) {
            return false;
        }
    }
    for (uint32_t i = 0; i < m->counts[MODELS_MEMBERS]; i++) {
        const models_member *member = &m->members[i];
        if (!are_strs(m, &member->name, 2) || (member->traits & 7) > AWS_IN_STATUS ||
            !is_index(m, MODELS_SHAPES, member->shape) ||
            !is_index(m, MODELS_MEMBER_EXTRAS, member->extra)) {
            return false;
        }
    }
    return are_strs(m, m->member_extras, m->counts[MODELS_MEMBER_EXTRAS]);
}

static bool check_rest(const aws_models *m)
{
    for (uint32_t i = 0; i < m->counts[MODELS_CONSTRAINTS]; i++) {
        const models_constraint *c = &m->constraints[i];
        if (!is_str(m, c->pattern) || !is_run(m, MODELS_TEXTS, c->texts, c->text_count)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < m->counts[MODELS_ERRORS]; i++) {
        const models_error *e = &m->errors[i];
        if (!are_strs(m, &e->code, 2) || !is_shape_or_none(m, e->shape)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < m->counts[MODELS_PARTITIONS]; i++) {
        const models_partition *p = &m->partitions[i];
        if (!are_strs(m, &p->id, 2) || !is_run(m, MODELS_TEXTS, p->texts, p->text_count) ||
            p->prefix_count > p->text_count) {
            return false;
        }
    }
    for (uint32_t i = 0; i < m->counts[MODELS_ENDPOINTS]; i++) {
        const models_endpoint *e = &m->endpoints[i];
        if (!is_index(m, MODELS_PARTITIONS, e->partition) || !are_strs(m, &e->region, 4)) {
            return false;
        }
    }
    return are_strs(m, m->texts, m->counts[MODELS_TEXTS]);
}

static status not_usable(error *reterr, const char *why)
{
    return fail(reterr, ERROR_INVALID, "the file of AWS service models is not usable: %s", why);
}

/* Fills m->counts and where each section begins. */
static bool find_sections(aws_models *m)
{
    const void *begins[MODELS_SECTIONS];
    for (int i = 0; i < MODELS_SECTIONS; i++) {
        uint32_t offset = number_at(m->bytes, TABLE_OFFSET + 8 * (size_t)i);
        uint32_t count = number_at(m->bytes, TABLE_OFFSET + 8 * (size_t)i + 4);
        if (offset % 8 || offset < HEADER_BYTES || offset > m->length ||
            count > (m->length - offset) / record_sizes[i]) {
            return false;
        }
        begins[i] = m->bytes + offset;
        m->counts[i] = count;
    }
    m->services = begins[MODELS_SERVICES];
    m->operations = begins[MODELS_OPERATIONS];
    m->extras = begins[MODELS_EXTRAS];
    m->shapes = begins[MODELS_SHAPES];
    m->members = begins[MODELS_MEMBERS];
    m->member_extras = begins[MODELS_MEMBER_EXTRAS];
    m->constraints = begins[MODELS_CONSTRAINTS];
    m->texts = begins[MODELS_TEXTS];
    m->errors = begins[MODELS_ERRORS];
    m->partitions = begins[MODELS_PARTITIONS];
    m->endpoints = begins[MODELS_ENDPOINTS];
    m->strings = begins[MODELS_STRINGS];
    return true;
}

static status check_file(aws_models *m, error *reterr)
{
    if (m->length < HEADER_BYTES || memcmp(m->bytes, "GAITAWSM", 8) != 0) {
        return not_usable(reterr, "it is not such a file, or it is cut short");
    }
    if (number_at(m->bytes, 8) != FORMAT_VERSION) {
        return not_usable(reterr, "it is of another version of Gait");
    }
    if (number_at(m->bytes, 12) != m->length) {
        return not_usable(reterr, "it is cut short");
    }
    unsigned char digest[DIGEST_BYTES_MAX];
    str content = str_from(m->bytes + CONTENT_OFFSET, m->length - CONTENT_OFFSET);
    digest_compute(DIGEST_SHA256, content, digest);
    if (memcmp(digest, m->bytes + DIGEST_OFFSET, DIGEST_BYTES) != 0) {
        return not_usable(reterr, "it is damaged (its digest differs)");
    }
    uint32_t version = number_at(m->bytes, CONTENT_OFFSET);
    if (number_at(m->bytes, CONTENT_OFFSET + 4) != MODELS_SECTIONS || !find_sections(m) ||
        !is_str(m, version) || !check_services(m) || !check_operations(m) || !check_shapes(m) ||
        !check_rest(m)) {
        return not_usable(reterr, "it is damaged");
    }
    m->version = models_str(m, version);
    return STATUS_OK;
}

static status open_bytes(const char *bytes, size_t length, bool is_mapped, aws_models **ret_models,
                         error *reterr)
{
    aws_models *m = calloc(1, sizeof(*m));
    if (!m) {
        return fail_memory(reterr);
    }
    m->bytes = bytes;
    m->length = length;
    status s = check_file(m, reterr);
    if (failed(s)) {
        free(m);
        return s;
    }
    m->is_mapped = is_mapped;
    *ret_models = m;
    return STATUS_OK;
}

status aws_models_from_memory(str bytes, aws_models **ret_models, error *reterr)
{
    if ((uintptr_t)bytes.ptr % 8) {
        return not_usable(reterr, "its memory is not aligned");
    }
    return open_bytes(bytes.ptr, bytes.len, false, ret_models, reterr);
}

static status map_file(int file, const char *path, aws_models **ret_models, error *reterr)
{
    struct stat about;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        return fail(reterr, ERROR_IO, "%s: not a file that can be read", path);
    }
    if (about.st_size < HEADER_BYTES || about.st_size > UINT32_MAX) {
        return not_usable(reterr, "it is not such a file, or it is cut short");
    }
    size_t length = (size_t)about.st_size;
    void *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED) {
        return fail(reterr, ERROR_IO, "%s: %s", path, strerror(errno));
    }
    status s = open_bytes(bytes, length, true, ret_models, reterr);
    if (failed(s)) {
        munmap(bytes, length);
    }
    return s;
}

status aws_models_open(str path, aws_models **ret_models, error *reterr)
{
    char *name = str_duplicate(path);
    if (!name) {
        return fail_memory(reterr);
    }
    int file = open(name, O_RDONLY | O_CLOEXEC);
    status s;
    if (file < 0) {
        s = fail(reterr, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_IO, "%s: %s", name,
                 strerror(errno));
    } else {
        s = map_file(file, name, ret_models, reterr);
        close(file);
    }
    free(name);
    return s;
}

void aws_models_close(aws_models *models)
{
    if (!models) {
        return;
    }
    if (models->is_mapped) {
        munmap((void *)(uintptr_t)models->bytes, models->length);
    }
    free(models);
}
