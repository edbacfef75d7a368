# SPDX-License-Identifier: GPL-2.0
#
# What all pictures begin with. scripts/plot sets: data, a directory of tables;
# title; and what else a picture needs to know. Times are in seconds.
set termoption noenhanced
set encoding utf8
set tics nomirror
seconds = '%.0s %cs'
