/* SPDX-License-Identifier: GPL-2.0 */
/* Writes JSON to stdout; a key is NULL within an array. */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdbool.h>

void json_open(const char *key, char bracket);
void json_close(void);
void json_str(const char *key, const char *text);
/* null if the number is none. */
void json_num(const char *key, double number);
void json_bool(const char *key, bool value);

#endif /* JSON_WRITE_H */
