-- Posts `revision=0` to each path in a file (the first argument), every path once, the threads taking turns.
-- The second argument is how many threads there are. When the paths run out, a page is read that does nothing.
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(args)
    paths, at = {}, 0
    local line_number = 0
    for line in io.lines(args[1]) do
        if line_number % tonumber(args[2]) == number then paths[#paths + 1] = line end
        line_number = line_number + 1
    end
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
    wrk.headers["Sec-Fetch-Site"] = "same-origin"
end

function request()
    at = at + 1
    if at > #paths then return wrk.format("GET", "/healthz") end
    return wrk.format("POST", paths[at], nil, "revision=0")
end
