-- Posts one valid form after another, no two with the same address.
-- Arguments: a word that no earlier run used, then the form token (percent-encoded).
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(args)
    run, token, sent = args[1], args[2] or "", 0
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
    wrk.headers["Sec-Fetch-Site"] = "same-origin"
end

function request()
    sent = sent + 1
    return wrk.format(nil, nil, nil, string.format(
        "name=Ada+Example&email=%s-%d-%d%%40mail.example&country=FR&source=&token=%s", run, number, sent, token))
end

