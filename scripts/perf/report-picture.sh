# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A picture within a page, for either kind of screen: sourced by scripts/report.

# As a picture of gnuplot looks on a dark page. What is written into the cells of a
# matrix stays as it is: they have their own colours.
darken()
{
	sed -e "s/fill *= *\(['\"]\)#ffffff['\"]/fill=\1#14171c\1/I" \
		-e "s/\(fill\|stroke\|color\)=\(['\"]\)black['\"]/\1=\2#e4e6ea\2/g" \
		-e 's/rgb(221, 221, 221)/rgb( 54,  60,  69)/g' \
		-e 's/rgb( *0, *114, *178)/rgb( 86, 180, 255)/g'
}

# Cells of a matrix are squares; browsers would blend them.
sharpen()
{
	sed -i 's/<image /<image style="image-rendering:pixelated" /' "$1"
}

# address FILE: the file itself, where the name of one would stand
address()
{
	printf 'data:image/svg+xml;base64,%s' "$(base64 -w 0 "$1")"
}

# picture SVG WHAT: for either kind of page
picture()
{
	sharpen "$1"
	darken <"$1" >"$1.dark"
	cat <<-END
		<figure><picture>
		<source media="screen and (prefers-color-scheme: dark)" srcset="$(address "$1.dark")">
		<img src="$(address "$1")" alt="$2">
		</picture></figure>
	END
}
