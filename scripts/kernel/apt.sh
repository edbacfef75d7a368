# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# A root for apt of its own, in $apt, for $suite and $arch: sourced by fetch-deb.
# shellcheck source=scripts/kernel/mirror.sh
. "$scripts/kernel/mirror.sh"

# Suites to look in: the one asked for and what it builds upon.
sources()
{
	local codename uri key s

	codename=$(host_codename)
	read -r uri key <<<"$(mirror "$codename" stable)"
	[ -n "$uri" ] || die "the host's apt sources have no $codename"
	case $suite in
	experimental)	s="sid experimental" ;;
	*-backports)	s="${suite%-backports} $suite" ;;
	*)		s=$suite ;;
	esac
	for s in $s; do
		echo "deb ${key:+[signed-by=$key] }$uri $s main"
	done
	case $suite in sid|unstable|experimental|*-*) return ;; esac
	read -r uri key <<<"$(mirror "$codename-security" stable-security)"
	[ -z "$uri" ] ||
		echo "deb ${key:+[signed-by=$key] }$uri $suite-security main"
}

# A root for apt of its own, good for this suite and architecture only.
private_root()
{
	local release=

	# Suites whose packages apt takes only when told to.
	case $suite in *-backports|experimental) release=$suite ;; esac
	mkdir -p "$apt"/{state/lists/partial,cache/archives/partial}
	: >"$apt/status"
	sources >"$apt/sources.list.new"
	cat >"$apt/apt.conf" <<-END
		APT::Architecture "$arch";
		#clear APT::Architectures;
		APT::Architectures { "$arch"; };
		${release:+APT::Default-Release "$release";}
		APT::Sandbox::User "root";
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		Acquire::Languages "none";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::State "$apt/state";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Cache::pkgcache "pkgcache.bin";
		Dir::Cache::srcpkgcache "srcpkgcache.bin";
	END
}

update()
{
	apt-get -c "$apt/apt.conf" -qq --error-on=any update >&2
}

refresh()
{
	if [ "$1" != now ] && cmp -s "$apt/sources.list.new" "$apt/sources.asked" &&
	   [ -n "$(find "$apt/updated" -mmin -1440 2>/dev/null)" ]; then
		return
	fi
	cp "$apt/sources.list.new" "$apt/sources.list"
	if ! update 2>"$apt/errors"; then
		cat "$apt/errors" >&2
		# Mirrors are most often out of step in what changes most often.
		sed -i "/ $suite-security /d" "$apt/sources.list"
		if ! update; then
			if [ "$1" = now ] || ! cmp -s "$apt/sources.list.new" "$apt/sources.asked"; then
				die "no package lists for $suite"
			fi
			cp "$apt/sources.list.new" "$apt/sources.list"
			say "$suite ($arch): with the package lists of an earlier day, this time"
			return
		fi
		say "$suite ($arch): without the security updates, this time"
	fi
	cp "$apt/sources.list.new" "$apt/sources.asked"
	touch "$apt/updated"
}
