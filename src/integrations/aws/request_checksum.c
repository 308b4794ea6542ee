/* Checksums of bodies, as the SDKs send them: CRC-32 where an operation lets the caller choose and
 * he does not, Content-MD5 where the model only says that it takes one.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html */
#include "integrations/aws/request.h"

#include "base/digest.h"
#include "integrations/aws/wire.h"

#define CRC32_POLYNOMIAL 0xEDB88320u  /* reversed; ISO 3309 */
#define CRC32C_POLYNOMIAL 0x82F63B78u /* reversed; Castagnoli's */

static uint32_t crc_of(str bytes, uint32_t polynomial)
{
    uint32_t table[256];
    uint32_t crc = 0xFFFFFFFF;
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++) {
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? polynomial : 0);
        }
    }
    for (size_t i = 0; i < bytes.len; i++) {
        crc = crc >> 8 ^ table[(crc ^ (unsigned char)bytes.ptr[i]) & 0xFF];
    }
    return ~crc;
}

typedef struct checksum_kind {
    const char *algorithm; /* as the parameter has it */
    const char *header;
    uint32_t polynomial; /* 0: a digest */
    digest_kind digest;
} checksum_kind;

static const checksum_kind kinds[] = {
    {"CRC32", "x-amz-checksum-crc32", CRC32_POLYNOMIAL, 0},
    {"CRC32C", "x-amz-checksum-crc32c", CRC32C_POLYNOMIAL, 0},
    {"SHA1", "x-amz-checksum-sha1", 0, DIGEST_SHA1},
    {"SHA256", "x-amz-checksum-sha256", 0, DIGEST_SHA256},
    {"SHA512", "x-amz-checksum-sha512", 0, DIGEST_SHA512},
    {"MD5", "x-amz-checksum-md5", 0, DIGEST_MD5},
};

static status add_checksum(request_maker *m, const char *header, uint32_t polynomial,
                           digest_kind digest)
{
    unsigned char bytes[DIGEST_BYTES_MAX];
    size_t length = 4;
    char text[2 * DIGEST_BYTES_MAX];
    if (polynomial) {
        uint32_t crc = crc_of(buf_str(&m->body), polynomial);
        for (size_t i = 0; i < 4; i++) {
            bytes[i] = (unsigned char)(crc >> (24 - 8 * i));
        }
    } else {
        length = digest_compute(digest, buf_str(&m->body), bytes);
    }
    buf out;
    buf_init(&out, sizeof(text));
    wire_base64(str_from((const char *)bytes, length), &out);
    str value = ok(buf_status(&out, NULL)) ? arena_str(m->a, buf_str(&out)) : STR_NONE;
    buf_clean_up(&out);
    return request_add_header(m, str_from_c(header), value);
}

static bool has_checksum_header(const request_maker *m)
{
    for (uint32_t i = 0; i < m->header_count; i++) {
        if (str_equal_ignore_case(str_take(m->headers[i].name, strlen("x-amz-checksum-")),
                                  STR("x-amz-checksum-")) &&
            !str_equal_ignore_case(m->headers[i].name, STR("x-amz-checksum-type")) &&
            !str_equal_ignore_case(m->headers[i].name, STR("x-amz-checksum-algorithm"))) {
            return true;
        }
    }
    return request_has_header(m, STR("Content-MD5"));
}

status request_add_checksum(request_maker *m)
{
    aws_member member;
    if (m->traits.checksum_member.len == 0) {
        return m->traits.needs_checksum && !has_checksum_header(m)
                   ? add_checksum(m, "Content-MD5", 0, DIGEST_MD5)
                   : STATUS_OK;
    }
    if (has_checksum_header(m) || !aws_shape_exists(m->input) ||
        !aws_shape_find(m->input, m->traits.checksum_member, &member)) {
        return STATUS_OK;
    }
    str wanted = json_str(json_get(m->parameters, member.name));
    str algorithm = wanted.ptr ? wanted : STR("CRC32");
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (!str_equal_ignore_case(algorithm, str_from_c(kinds[i].algorithm))) {
            continue;
        }
        if (member.location == AWS_IN_HEADER && !request_has_header(m, member.wire)) {
            TRY(request_add_header(m, member.wire, str_from_c(kinds[i].algorithm)));
        }
        return add_checksum(m, kinds[i].header, kinds[i].polynomial, kinds[i].digest);
    }
    return fail(m->reterr, ERROR_UNSUPPORTED,
                "The checksum algorithm '%.*s' is not supported: send the checksum itself, or use "
                "CRC32, CRC32C, SHA1, SHA256, SHA512 or MD5",
                STR_ARG(str_take(algorithm, 100)));
}
