import{a as e,b as t}from"./part-chunk-NR5H4CIR.js";addEventListener("message",s=>{let{pixels:i,width:r,height:a,full:h}=s.data;postMessage(t(e(i,r,a),h))});
