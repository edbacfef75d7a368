# SPDX-License-Identifier: GPL-2.0
#
# A line for each of the n distributions: where it is 0 nothing has changed.
set title title
set xlabel 'quantile'
set xrange [0:1]
set ylabel 'longer after by'
set format y '%+g%%'
set lmargin at screen 0.11
set rmargin at screen 0.71
set key at screen 0.72, graph 1 left top reverse Left samplen 2
set xzeroaxis lt 1 lc rgb '#808080' lw 1
plot for [i=0:n-1] data.'/all' index i using 1:4 with lines ls i%8+1 dt 1+i/8 \
	title word(names, i+1)
