-- What a script does: calls, tables, strings, patterns, sorting.
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(26))
local words = {}
for i = 1, 20000 do words[i] = ("word%d"):format(i * 7919 % 20011) end
table.sort(words)
print(words[1], words[10000], #table.concat(words, " "))
local count = {}
for word in (table.concat(words, " ")):gmatch("%a+(%d)") do count[word] = (count[word] or 0) + 1 end
print(count["1"], count["9"])
local Point = {}
Point.__index = Point
Point.__add = function(a, b) return setmetatable({ x = a.x + b.x, y = a.y + b.y }, Point) end
function Point:length() return math.sqrt(self.x * self.x + self.y * self.y) end
local sum, step = setmetatable({ x = 0, y = 0 }, Point), setmetatable({ x = 0.5, y = -0.25 }, Point)
for _ = 1, 100000 do sum = sum + step end
print(string.format("%.3f", sum:length()))
local sieve, primes = {}, 0
for i = 2, 200000 do
    if not sieve[i] then
        primes = primes + 1
        for j = i * i, 200000, i do sieve[j] = true end
    end
end
print(primes)
